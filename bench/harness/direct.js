// What all programs share that measure without HTTP: a number of calls under way, for some seconds.
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Redis as Ioredis } from 'ioredis'
import { openRedis } from './server.js'
import { answerMessages } from './worker.js'

export const sessionCount = 1000

/** Calls between two looks at the clock, after which whatever else waits has its turn. */
const callsPerTurn = 256

/** The client that the second argument names. */
export async function openClient(name) {
  return name === 'ioredis' ? new Ioredis(process.env.REDIS_URL) : openRedis()
}

/**
 * Answers each message with how many calls were done. `call` is given numbers that never repeat.
 *
 * @param {(number: number) => Promise<unknown>} call
 */
export function answerRounds(call) {
  let next = 0
  answerMessages(async ({ seconds, inFlight }) => {
    const first = next
    const startedAt = performance.now()
    const endsAt = startedAt + seconds * 1000
    const callsOfLane = Math.ceil(callsPerTurn / inFlight)
    const lane = async () => {
      while (performance.now() < endsAt) {
        for (let done = 0; done < callsOfLane; done += 1) await call(next++)
        await nextTurn()
      }
    }
    await Promise.all(Array.from({ length: inFlight }, lane))
    const count = next - first
    return { count, rate: (count * 1000) / (performance.now() - startedAt) }
  })
  process.send({ isReady: true })
}
