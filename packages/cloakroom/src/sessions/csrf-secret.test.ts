import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { createKeyring } from '../crypto/keyring.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { createCsrfSecrets } from './csrf-secret.ts'
import { createSessionManager } from './manager.ts'

const [oldSecret, newSecret] = [
  'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
  'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
]
const clock = createManualClock()
const sessions = createSessionManager({
  store: createMemorySessions({ clock }),
  secret: [newSecret, oldSecret],
  events: { emit: () => undefined },
  clock,
})
const secretsWith = createCsrfSecrets(createKeyring([newSecret, oldSecret], { name: 'secret' }))
const hex = (secrets: readonly Uint8Array[]) =>
  secrets.map(each => Buffer.from(each).toString('hex'))

describe('createCsrfSecrets', () => {
  it('gives one for each key, of each session its own', async () => {
    const [left, right] = [await sessions.create({ id: 'alice' }), await sessions.create(null)]
    const both = [...hex(secretsWith(left.session)), ...hex(secretsWith(right.session))]
    expect(new Set(both).size).toBe(4)
    expect(both.every(secret => secret.length === 64)).toBe(true)
    expect(hex(sessions.csrfSecrets(left.session))).toEqual(both.slice(0, 2))
  })

  it('keeps them while the token rotates, and changes them with the rights', async () => {
    const { session } = await sessions.create({ id: 'alice' })
    const rotated = await sessions.rotate(session)
    expect(secretsWith(rotated.session)).toEqual(secretsWith(session))
    const raised = await sessions.rotate(rotated.session, { methods: ['otp'] })
    expect(secretsWith(raised.session)).not.toEqual(secretsWith(session))
  })

  it('tells a limited session nothing of what protects its successor', async () => {
    const { session, token } = await sessions.create({ id: 'alice' })
    const raised = await sessions.rotate(session, { methods: ['otp'] })
    const read = await sessions.validate(token)
    if (read.state !== 'valid') throw new Error('The session is gone.')
    const known = hex(secretsWith(read.session))
    expect(hex(secretsWith(raised.session)).some(secret => known.includes(secret))).toBe(false)
  })
})
