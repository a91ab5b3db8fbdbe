// One command and nothing else: node direct/floor.js get|set|evalsha redis|ioredis
import { randomUUID } from 'node:crypto'
import { answerRounds, openClient, sessionCount } from '../harness/direct.js'
import { dataOf, userOf } from '../harness/samples.js'

const [operation, clientName] = process.argv.slice(2)
const client = await openClient(clientName)
const isIoredis = clientName === 'ioredis'

const ids = Array.from({ length: sessionCount }, () => randomUUID())
const jsonOf = number => JSON.stringify({ ...userOf(number), data: dataOf(number) })
for (const [number, id] of ids.entries()) await client.set(`floor:${id}`, jsonOf(number))
const value = jsonOf(0)

const source =
  "local count = redis.call('INCR', KEYS[1])\nif count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end\nreturn count"
const script = isIoredis ? await client.script('LOAD', source) : await client.scriptLoad(source)

const keyOf = number => `floor:${ids[number % sessionCount]}`
const counterOf = number => `count:${ids[number % sessionCount]}`

const calls = {
  get: number => client.get(keyOf(number)),
  set: isIoredis
    ? number => client.set(`new:${number}`, value, 'EX', 3600)
    : number => client.set(`new:${number}`, value, { expiration: { type: 'EX', value: 3600 } }),
  evalsha: isIoredis
    ? number => client.evalsha(script, 1, counterOf(number), 60_000)
    : number => client.evalSha(script, { keys: [counterOf(number)], arguments: ['60000'] }),
}

answerRounds(calls[operation])
