import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { createKeyring } from '../crypto/keyring.ts'
import { createSealer } from '../crypto/seal.ts'
import { createCodec } from './codec.ts'
import { anonymousMeta } from './content.ts'
import type { StandardSchema } from './schema.ts'
import type { SessionRecord } from './store.ts'
import { issueFirstToken, issueToken } from './token.ts'
import { createVault, type Vault, type VaultOptions } from './vault.ts'

interface Data {
  cart: string[]
}

const [oldSecret, newSecret] = [
  'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
  'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
]
const codec = createCodec()
const token = issueFirstToken('AAAbbbbbbbbb')
const meta = { ...anonymousMeta, userId: 'alice', role: 'admin' }
const data: Data = { cart: ['a'] }
const times = { createdAt: 0, seenAt: 0, epoch: 0 }

function sealerOf(secrets: string[] = [oldSecret]) {
  const keyring = createKeyring(secrets, { name: 'secret' })
  return createSealer({ keyring, purpose: 'session', clock: createManualClock() })
}

function vaultWith(options: Partial<VaultOptions<Data>> = {}): Vault<Data> {
  return createVault<Data>({ sealer: sealerOf(), codec, rules: {}, isTicket: false, ...options })
}

function seal(vault: Vault<Data>, change: Partial<SessionRecord> = {}): SessionRecord {
  const lifetime = { idleMs: 1000, absoluteMs: 2000 }
  const binding = { id: token.id, digest: token.digest, generation: 1, ...lifetime }
  return { ...vault.seal(binding, { meta, data, token }), ...times, ...change }
}

/** A record that holds something else than a vault would put there. */
function sealOther(content: unknown): SessionRecord {
  const { id, generation, idleMs, absoluteMs, digest } = seal(vaultWith())
  const context = `record ${id} ${generation} ${idleMs} ${absoluteMs} ${Buffer.from(digest).toString('base64url')}`
  const sealed = sealerOf().seal(codec.encode(content), Buffer.from(context))
  return { id, generation, idleMs, absoluteMs, digest, ...sealed, ...times }
}

describe.each([
  ['by the server', false],
  ['by the ticket', true],
])('createVault, sealing %s', (_name, isTicket) => {
  const vault = vaultWith({ isTicket })

  it('gives back what was sealed, anew on each call', () => {
    const opened = vault.open(seal(vault), token)
    if (!opened.ok) throw new Error(opened.reason)
    expect(opened.meta).toEqual(meta)
    const first = opened.readData()
    first.cart.push('b')
    expect(opened.readData()).toEqual({ cart: ['a'] })
  })

  it('keeps nothing of the record in memory', async () => {
    const openSealed = () => {
      const record = seal(vault)
      return { opened: vault.open(record, token), record: new WeakRef(record) }
    }
    const { opened, record } = openSealed()
    await nextTurn()
    setFlagsFromString('--expose-gc')
    runInNewContext('gc')()
    expect(record.deref()).toBeUndefined()
    expect(opened.ok && opened.readData()).toEqual({ cart: ['a'] })
  })

  it('gives the metadata alone without the token', () => {
    const opened = vault.open(seal(vault), null)
    if (!opened.ok) throw new Error(opened.reason)
    expect(opened.meta.userId).toBe('alice')
    expect(() => opened.readData()).toThrow(/cannot be opened/)
  })

  it.each<[string, Partial<SessionRecord>]>([
    ['another session', { id: issueFirstToken('AAAbbbbbbbbb').id }],
    ['another generation', { generation: 2 }],
    ['a longer idle time', { idleMs: 2000 }],
    ['a longer lifetime', { absoluteMs: 3000 }],
    ['another token', { digest: issueToken(token.id).digest }],
  ])('opens nothing under %s', (_name, change) => {
    expect(vault.open(seal(vault, change), token)).toEqual({ ok: false, reason: 'corrupt' })
  })

  it('tells a key that it does not know from a value that is broken', () => {
    const stranger = vaultWith({ isTicket, sealer: sealerOf([newSecret]) })
    const record = seal(vault)
    expect(stranger.open(record, token)).toEqual({ ok: false, reason: 'unknown-key' })
    const sealed = record.sealed.slice(0, -1)
    expect(vault.open({ ...record, sealed }, token)).toEqual({ ok: false, reason: 'corrupt' })
  })

  it('opens what was sealed before the setting changed', () => {
    const other = vaultWith({ isTicket: !isTicket })
    const opened = vault.open(seal(other), token)
    expect(opened.ok && opened.readData()).toEqual(data)
  })
})

describe('createVault', () => {
  it('opens data that a ticket seals under no other token', () => {
    const vault = vaultWith({ isTicket: true })
    const opened = vault.open(seal(vault), issueToken(token.id))
    expect(opened).toEqual({ ok: false, reason: 'corrupt' })
    expect(vault.open(seal(vault), null).ok).toBe(true)
  })

  // What a fault, or another program with the key, could have put in the place of a session.
  it.each<[string, unknown]>([
    ['null', null],
    ['an object', {}],
    ['a text', 'x'],
    ['an empty list', []],
    ['no metadata', [null, {}]],
    ['odd metadata', [{ userId: 'alice' }, {}]],
    ['no data', [[]]],
    ['data that is null', [[], null]],
    ['data that is a list', [[], []]],
    ['data that is a text', [[], '{"cart":null}']],
    ['data that is a date', [[], new Date(0)]],
    ['bytes that no ticket sealed', [[], Uint8Array.of(1, 2, 3)]],
  ])('takes %s under a good seal for broken', (_name, content) => {
    expect(vaultWith().open(sealOther(content), token)).toEqual({ ok: false, reason: 'corrupt' })
  })

  /** Accepts whatever it is asked about first, as this, and nothing more. */
  function moody(value: unknown): StandardSchema<Data> {
    let answers = 0
    const validate = () => {
      answers += 1
      return answers === 1 ? { value: value as Data } : { issues: [{ message: 'no more' }] }
    }
    return { '~standard': { version: 1, vendor: 'test', validate } }
  }

  it('asks the schema once for each opening, and refuses what it refuses', () => {
    const vault = vaultWith({ rules: { schema: moody(data) } })
    const record = seal(vaultWith())
    const opened = vault.open(record, token)
    if (!opened.ok) throw new Error(opened.reason)
    expect([opened.readData(), opened.readData()]).toEqual([data, data])
    expect(vault.open(record, token)).toEqual({ ok: false, reason: 'schema' })
  })

  it('asks the schema each time where it makes of the data what cannot be copied', () => {
    const vault = vaultWith({ rules: { schema: moody({ cart: new URL('https://shop.test') }) } })
    const opened = vault.open(seal(vaultWith()), token)
    if (!opened.ok) throw new Error(opened.reason)
    expect(() => opened.readData()).toThrow(/cannot be opened/)
  })
})

describe('retire and successorOf', () => {
  const vault = vaultWith()
  const next = issueToken(token.id)
  const retired = vault.retire(token, next, { kind: 'limited', graceMs: 5 })

  it('lead from a token to the one that came after it', () => {
    expect(retired).toMatchObject({ digest: token.digest, kind: 'limited', graceMs: 5 })
    expect(vault.successorOf(token, retired)).toEqual(next)
  })

  it('lead nobody else anywhere', () => {
    expect(vault.successorOf(issueToken(token.id), retired)).toBeNull()
    expect(vault.successorOf(next, retired)).toBeNull()
    expect(vaultWith({ sealer: sealerOf([newSecret]) }).successorOf(token, retired)).toBeNull()
    expect(vault.successorOf(token, { ...retired, kind: 'successor' })).toBeNull()
    const broken = retired.successor.slice(1)
    expect(vault.successorOf(token, { ...retired, successor: broken })).toBeNull()
  })
})

describe('a schema that makes what cannot be stored', () => {
  it('is asked each time, and what it refuses later is not given out', () => {
    let isRefusing = false
    const schema = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: () =>
          isRefusing ? { issues: [{ message: 'no' }] } : { value: { cart: [], total: () => 0 } },
      },
    } as const
    const vault = vaultWith({ rules: { schema: schema as never } })
    const opened = vault.open(seal(vault), token)
    if (!opened.ok) throw new Error(opened.reason)
    expect(opened.readData()).toMatchObject({ total: expect.any(Function) })
    isRefusing = true
    expect(() => opened.readData()).toThrow(/cannot be opened/)
  })
})
