import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { anonymousMeta } from './content.ts'
import { createState, type SessionSecrets, secretsOf } from './state.ts'
import { issueFirstToken } from './token.ts'

interface Data {
  cart: string[]
}

const token = issueFirstToken('AAAbbbbbbbbb')
const record = {
  id: token.id,
  keyId: '00000000',
  generation: 1,
  digest: token.digest,
  idleMs: 60_000,
  absoluteMs: 90_000,
  createdAt: 1000,
  seenAt: 50_000,
  epoch: 0,
  sealed: Uint8Array.of(1),
}
const own: SessionSecrets<Data> = {
  token,
  record,
  meta: { ...anonymousMeta, userId: 'alice', methods: { pwd: 0, otp: 40_000 } },
  readStored: () => ({ cart: ['a'] }),
  isLimited: false,
}

describe('createState', () => {
  it('says when the session ends', () => {
    const state = createState(own)
    expect(state.expiresAt).toBe(91_000)
    expect(state.idleExpiresAt).toBe(91_000)
    const idle = createState({ ...own, record: { ...record, seenAt: 1000 } })
    expect(idle.idleExpiresAt).toBe(61_000)
  })

  it('dates proofs of the beginning by the beginning', () => {
    expect(createState(own).methods).toEqual({ pwd: 1000, otp: 40_000 })
  })

  it('shows no proof while it is limited', () => {
    expect(createState({ ...own, isLimited: true })).toMatchObject({ isLimited: true, methods: {} })
  })

  it('gives each state data of its own', () => {
    const [left, right] = [createState(own), createState(own)]
    left.data.cart.push('b')
    expect(left.data).toEqual({ cart: ['a', 'b'] })
    expect(right.data).toEqual({ cart: ['a'] })
  })

  it('shows its token neither in logs nor in what is made of it', () => {
    const state = createState(own)
    const shown = [
      JSON.stringify(state),
      inspect(state, { depth: 9, showHidden: true }),
      inspect({ ...state }),
      inspect(structuredClone({ ...state, data: null })),
      String(state),
    ]
    expect(shown.filter(text => text.includes(token.text))).toEqual([])
  })
})

describe('secretsOf', () => {
  it('gives what the state was made with', () => {
    expect(secretsOf(createState(own))).toBe(own)
  })

  it('refuses what it did not make', () => {
    const state = createState(own)
    for (const other of [{ ...state }, Object.create(state), structuredClone({ id: state.id })]) {
      expect(() => secretsOf(other)).toThrow(/`session` given was not made by this session manager/)
    }
  })
})
