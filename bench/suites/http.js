// Requests a second over HTTP: every server, its floor and its peers.
import { startHttpContender } from '../harness/http-contender.js'
import { runRounds, summarizeRounds } from '../harness/rounds.js'
import { servers } from '../servers/list.js'

export async function runHttp(bench, { match }) {
  const chosen = withFloors(servers.filter(({ name }) => match(name)))
  const contenders = []
  try {
    for (const server of chosen) contenders.push(await startHttpContender(server, bench))
    const rounds = await runRounds(contenders, { ...bench.timing, load: { connections: 50 } })
    return chosen.map(({ name, floor }) => ({
      name,
      floor,
      ...summarizeRounds(rounds.get(name), floor && rounds.get(floor)),
    }))
  } finally {
    await Promise.all(contenders.map(contender => contender.stop()))
  }
}

function withFloors(chosen) {
  const names = new Set(
    chosen.flatMap(({ name, floor }) => (floor === null ? [name] : [name, floor])),
  )
  return servers.filter(({ name }) => names.has(name))
}
