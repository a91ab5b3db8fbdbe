import { runRounds, summarizeRounds } from '../harness/rounds.js'

/**
 * Starts what is chosen and whatever it is compared with, and measures all of it side by side.
 *
 * @param {readonly { name: string, floor: string | null }[]} all
 * @param {{ match: (name: string) => boolean, start: (one: object) => Promise<object>, timing: object }} options
 */
export async function compare(all, { match, start, timing }) {
  const chosen = withFloors(all, match)
  const contenders = []
  try {
    for (const one of chosen) contenders.push(await start(one))
    const rounds = await runRounds(contenders, timing)
    return chosen.map(({ name, floor }) => ({
      name,
      floor,
      ...summarizeRounds(rounds.get(name), floor && rounds.get(floor)),
    }))
  } finally {
    await Promise.all(contenders.map(contender => contender.stop()))
  }
}

function withFloors(all, match) {
  const chosen = all.filter(({ name }) => match(name))
  const names = new Set(chosen.flatMap(({ name, floor }) => [name, floor]))
  return all.filter(({ name }) => names.has(name))
}
