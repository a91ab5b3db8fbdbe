// A server under test, and rounds of load on it.
import { fileURLToPath } from 'node:url'
import { measureProcesses } from './machine.js'
import { startWorker } from './worker.js'

const sessionCount = 1000
const loginsAtOnce = 20

/** Load before a round, so that a server need not fill its caches again after others had their turn. */
const leadInSeconds = 0.3

/**
 * Starts a server and, unless it is bare, makes the sessions that the load will use.
 *
 * @param {{ name: string, file: string, args?: string[], isBare?: boolean, paths?: string[] }} server
 * @param {{ node: string, redis: object, load: object, flags?: string[] }} bench
 */
export async function startHttpContender(server, { node, redis, load, flags }) {
  const file = fileURLToPath(new URL(`../servers/${server.file}`, import.meta.url))
  const worker = await startWorker(file, {
    node,
    args: server.args,
    flags,
    env: { REDIS_URL: redis.url },
  })
  const { port } = worker.ready
  const cookies = server.isBare ? null : await logIn(port)

  /** @param {{ seconds: number, connections?: number, rate?: number }} settings */
  async function round(settings) {
    const asked = { port, cookies, paths: server.paths, ...settings }
    await load.ask({ ...asked, seconds: leadInSeconds })
    const pids = [worker.pid, load.pid, redis.pid]
    const { result, times, foreign } = await measureProcesses(pids, () => load.ask(asked))
    if (result.failures > 0) {
      throw new Error(
        `${server.name}: ${result.failures} of ${result.count} requests failed.\n${result.failure}`,
      )
    }
    const [cpuUs, , redisUs] = times.map(time => time / result.count)
    return { ...result, cpuUs, redisUs, foreign }
  }

  return { name: server.name, round, stop: worker.stop }
}

async function logIn(port) {
  const cookies = []
  let next = 0
  const workers = Array.from({ length: loginsAtOnce }, async () => {
    while (next < sessionCount) {
      const number = next++
      const response = await fetch(`http://localhost:${port}/login/${number}`)
      const lines = response.headers.getSetCookie()
      if (!response.ok || lines.length === 0) {
        throw new Error(`Signing in gave ${response.status}: ${await response.text()}`)
      }
      await response.arrayBuffer()
      cookies.push(lines.map(line => line.split(';', 1)[0]).join('; '))
    }
  })
  await Promise.all(workers)
  return cookies
}
