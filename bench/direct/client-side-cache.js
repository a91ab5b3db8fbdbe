// The cache of node-redis, which Redis tells what has changed.
import { randomUUID } from 'node:crypto'
import { createClient } from 'redis'
import { answerRounds, sessionCount } from '../harness/direct.js'
import { dataOf, userOf } from '../harness/samples.js'

const client = createClient({
  url: process.env.REDIS_URL,
  RESP: 3,
  clientSideCache: { maxEntries: 10_000, ttl: 0, evictPolicy: 'LRU' },
})
await client.connect()

const keys = Array.from({ length: sessionCount }, () => `cached:${randomUUID()}`)
for (const [number, key] of keys.entries()) {
  await client.set(key, JSON.stringify({ ...userOf(number), data: dataOf(number) }))
}

answerRounds(async number => JSON.parse(await client.get(keys[number % sessionCount])))
