// Somebody else at the same Redis: a GET every millisecond, to see how long others have to wait.
import { openRedis } from './server.js'
import { answerMessages } from './worker.js'

const client = await openRedis()
await client.set('probe', 'x')

let waits = []
setInterval(async () => {
  const askedAt = performance.now()
  await client.get('probe')
  waits.push(performance.now() - askedAt)
}, 1)

/** What was waited since the last message. */
answerMessages(() => {
  const sorted = waits.toSorted((left, right) => left - right)
  waits = []
  const at = part => sorted[Math.floor(part * (sorted.length - 1))] ?? 0
  return { p50: at(0.5), p99: at(0.99), longest: at(1) }
})
process.send({ isReady: true })
