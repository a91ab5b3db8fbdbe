// Rounds of several contenders, one after the other and again, so that what disturbs the machine
// hits all of them. What is compared are ratios of rounds next to each other, and their medians.

/** Foreign work, in cores, above which a round is run again. */
const calm = 0.12
const attempts = 3
/** So many calls are made before any are counted. */
const warmCount = 5000

/**
 * @param {{ name: string, round: (settings: object) => Promise<object> }[]} contenders
 * @param {{ rounds: number, seconds: number, warmUpSeconds: number, isPatient: boolean }} settings
 * @returns {Promise<Map<string, object[]>>} the rounds of each
 */
export async function runRounds(contenders, { rounds, seconds, warmUpSeconds, isPatient, load }) {
  const results = new Map(contenders.map(({ name }) => [name, []]))
  for (const contender of contenders) await warmUp(contender, { ...load, seconds: warmUpSeconds })
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) {
      const tries = []
      const isDisturbed = ({ count, foreign }) => count === 0 || (isPatient && foreign > calm)
      do tries.push(await contender.round({ ...load, seconds }))
      while (isDisturbed(tries.at(-1)) && tries.length < attempts)
      const [calmest] = tries
        .filter(({ count }) => count > 0)
        .sort((left, right) => left.foreign - right.foreign)
      if (!calmest) throw new Error(`${contender.name} answered nothing.`)
      results.get(contender.name).push(calmest)
    }
  }
  return results
}

/** Until all of it is compiled, on a slow machine too. */
async function warmUp(contender, settings) {
  let count = 0
  for (let round = 0; round < attempts && count < warmCount; round += 1) {
    count += (await contender.round(settings)).count
  }
}

/**
 * Medians of a contender's rounds, and ratios to another's of the same run. Of processor time it is
 * the lowest: whatever disturbs only adds to it.
 */
export function summarizeRounds(rounds, floor = null) {
  const lowest = (of, name) => Math.min(...of.map(round => round[name]))
  const summary = {
    rate: median(rounds.map(({ rate }) => rate)),
    cpuUs: lowest(rounds, 'cpuUs'),
    redisUs: lowest(rounds, 'redisUs'),
    p50: median(rounds.map(({ p50 }) => p50)),
    foreign: Math.max(...rounds.map(({ foreign }) => foreign)),
  }
  if (floor === null) return summary
  return {
    ...summary,
    rateRatio: median(rounds.map((round, index) => round.rate / floor[index].rate)),
    cpuRatio: lowest(floor, 'cpuUs') / summary.cpuUs,
  }
}

export function median(values) {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1
    ? sorted[Math.floor(middle)]
    : (sorted[middle - 1] + sorted[middle]) / 2
}
