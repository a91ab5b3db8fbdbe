// A program that calls a library for itself, without HTTP.
import { fileURLToPath } from 'node:url'
import { measureProcesses } from './machine.js'
import { startWorker } from './worker.js'

/**
 * @param {{ name: string, file: string, args?: string[] }} program
 * @param {{ node: string, redis: object, flags?: string[] }} bench
 */
export async function startDirectContender({ name, file, args }, { node, redis, flags }) {
  const path = fileURLToPath(new URL(`../direct/${file}`, import.meta.url))
  const worker = await startWorker(path, { node, args, flags, env: { REDIS_URL: redis.url } })

  /** @param {{ seconds: number, inFlight: number }} settings */
  async function round(settings) {
    const { result, times, foreign } = await measureProcesses([worker.pid, redis.pid], () =>
      worker.ask(settings),
    )
    const [cpuUs, redisUs] = times.map(time => time / result.count)
    return { ...result, cpuUs, redisUs, foreign }
  }

  return { name, round, stop: worker.stop }
}
