// The engine alone: node direct/cloakroom.js validate|validate-anew|create|limit redis|ioredis [near]
import { openCloakroom } from '../harness/cloakroom.js'
import { answerRounds, openClient, sessionCount } from '../harness/direct.js'
import { dataOf, userOf } from '../harness/samples.js'

const [operation, clientName] = process.argv.slice(2)
const { sessions, limiter } = await openCloakroom({
  redis: await openClient(clientName),
  rateLimit: { rules: { page: { limit: 1e9, window: '1m', strategy: 'fixed-window' } } },
})

/** So many that none is still open when its turn comes again. */
const manySessions = 5000
const count = operation === 'validate-anew' ? manySessions : sessionCount

const tokens = []
for (let number = 0; number < count; number += 1) {
  const { token } = await sessions.create(userOf(number), { data: dataOf(number) })
  tokens.push(token)
}

const calls = {
  validate,
  'validate-anew': validate,
  create: number => sessions.create(userOf(count + number), { data: dataOf(number) }),
  async limit(number) {
    const { allowed } = await limiter.check('page', `user-${number % sessionCount}`)
    if (!allowed) throw new Error('A call was refused.')
  },
}

answerRounds(calls[operation])

async function validate(number) {
  const read = await sessions.validate(tokens[number % count])
  if (read.state !== 'valid') throw new Error(`A session is ${read.state}.`)
}
