// What is measured of an app or a proxy in front of it.
import { readFileSync } from 'node:fs'
import { measureProcesses } from '../harness/machine.js'

/**
 * @param {{ name: string, pid: number, port: number, cookies?: string[] }} server
 * @param {{ load: object, redis: object, app: object }} others that have to do with the requests
 */
export function createContender({ name, pid, port, cookies }, { load, redis, app }) {
  return {
    name,
    port,
    cookies,

    async round(settings) {
      const pids = [pid, redis.pid, load.pid, app.pid]
      const { result, times, foreign } = await measureProcesses([...new Set(pids)], () =>
        load.ask({ port, cookies, ...settings }),
      )
      const { count, failures, failure } = result
      if (failures > 0) throw new Error(`${name}: ${failures} of ${count} failed.\n${failure}`)
      return { ...result, cpuUs: times[0] / count, redisUs: times[1] / count, foreign }
    },

    /** The headers that the app gets. */
    async headers() {
      const headers = cookies === undefined ? {} : { cookie: cookies[0] }
      return (await fetch(`http://localhost:${port}/headers`, { headers })).json()
    },

    memoryMiB() {
      const status = readFileSync(`/proc/${pid}/status`, 'utf8')
      return Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024
    },
  }
}
