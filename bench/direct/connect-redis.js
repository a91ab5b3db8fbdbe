// The store of express-session alone: node direct/connect-redis.js get|set
import { randomUUID } from 'node:crypto'
import { RedisStore } from 'connect-redis'
import { answerRounds, openClient, sessionCount } from '../harness/direct.js'
import { dataOf, userOf } from '../harness/samples.js'

const [operation] = process.argv.slice(2)
const store = new RedisStore({ client: await openClient('redis'), ttl: 3600 })

const ids = Array.from({ length: sessionCount }, () => randomUUID())
const sessionOf = number => {
  const { id: userId, role } = userOf(number)
  const cookie = { originalMaxAge: null, expires: null, httpOnly: true, path: '/' }
  return { cookie, userId, role, data: dataOf(number) }
}
for (const [number, id] of ids.entries()) await store.set(id, sessionOf(number))

const calls = {
  get: number => store.get(ids[number % sessionCount]),
  set: number => store.set(`new-${number}-${randomUUID()}`, sessionOf(number)),
}

answerRounds(calls[operation])
