// The store of express-session with many sessions: does what it is asked to, and tells how long it took.
import { readFileSync } from 'node:fs'
import { RedisStore } from 'connect-redis'
import { dataOf, userOf } from '../harness/samples.js'
import { openRedis } from '../harness/server.js'
import { answerMessages } from '../harness/worker.js'

const client = await openRedis()
const store = new RedisStore({ client, ttl: 43_200 })
const inFlight = 50

answerMessages(async ({ operation, from, to, bytes, perUser = 3 }) => {
  const startedAt = performance.now()
  let next = from
  const lane = async () => {
    for (; next < to; ) {
      const number = next++
      await store.set(idOf(number), sessionOf(number, { bytes, perUser }))
    }
  }
  if (operation === 'create') await Promise.all(Array.from({ length: inFlight }, lane))
  else await store[operation]()
  const ms = performance.now() - startedAt
  return { ms, rate: (((to ?? 0) - (from ?? 0)) * 1000) / ms, peakMiB: readPeakMemory() }
})
process.send({ isReady: true })

/** As long as the ids of express-session. */
function idOf(number) {
  return String(number).padStart(32, 'x')
}

function sessionOf(number, { bytes, perUser }) {
  const { id: userId, role } = userOf(Math.floor(number / perUser))
  const cookie = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }
  return { cookie, userId, role, data: dataOf(number, bytes) }
}

function readPeakMemory() {
  const [, kilobytes] = /VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
  return Math.round(Number(kilobytes) / 1024)
}
