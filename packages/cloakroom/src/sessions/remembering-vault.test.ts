import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import { createKeyring, type Keyring } from '../crypto/keyring.ts'
import { createSealer } from '../crypto/seal.ts'
import { createCodec } from './codec.ts'
import { anonymousMeta } from './content.ts'
import { rememberOpened } from './remembering-vault.ts'
import type { SessionRecord } from './store.ts'
import { issueFirstToken, type Token } from './token.ts'
import { createVault, type Vault } from './vault.ts'

interface Data {
  cart: string[]
}

describe('rememberOpened', () => {
  let clock: ManualClock
  let keyring: Keyring
  let plain: Vault<Data>
  let vault: Vault<Data>
  let token: Token
  let record: SessionRecord
  beforeEach(() => {
    clock = createManualClock()
    keyring = createKeyring('Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e', { name: 'secret' })
    const codec = createCodec()
    const sealer = createSealer({ keyring, purpose: 'session', cipher: 'fernet', clock })
    plain = createVault<Data>({ sealer, codec, rules: {}, isTicket: false })
    plain = { ...plain, open: vi.fn(plain.open) }
    vault = rememberOpened(plain, clock, keyring)
    token = issueFirstToken('AAAabcdefghi')
    const { id, digest } = token
    const binding = { id, digest, generation: 1, idleMs: 1000, absoluteMs: 2000 }
    const sealed = vault.seal(binding, { meta: anonymousMeta, data: { cart: ['a'] }, token })
    record = { ...sealed, createdAt: 0, seenAt: 0, epoch: 0 }
  })

  function read(of: SessionRecord = record): Data {
    const opened = vault.open(of, token)
    if (!opened.ok) throw new Error(`It is ${opened.reason}.`)
    return opened.readData()
  }

  it('opens nothing any more whose key is gone', () => {
    read()
    keyring.replace('fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g')
    expect(vault.open(record, token)).toEqual({ ok: false, reason: 'unknown-key' })
  })

  it('opens once what comes again, and gives data to each reader alone', () => {
    const first = read()
    first.cart.push('b')
    const copy = {
      ...record,
      sealed: Buffer.from(record.sealed),
      digest: Buffer.from(token.digest),
    }
    for (let count = 0; count < 3; count += 1) {
      const again = read({ ...copy, seenAt: count })
      expect(again).toEqual({ cart: ['a'] })
      again.cart.push('c')
    }
    expect(plain.open).toHaveBeenCalledOnce()
  })

  it('opens again whatever is not the same to the last bit', () => {
    read()
    const changed = (index: number): Uint8Array => {
      const sealed = new Uint8Array(record.sealed)
      sealed[index] = (sealed[index] ?? 0) ^ 1
      return sealed
    }
    const others: Partial<SessionRecord>[] = [
      { sealed: changed(0) },
      { sealed: changed(record.sealed.length - 1) },
      { sealed: record.sealed.subarray(1) },
      { generation: 2 },
      { idleMs: 5000 },
      { absoluteMs: 5000 },
      { digest: new Uint8Array(16) },
      { keyId: '00000000' },
    ]
    for (const other of others) {
      expect(vault.open({ ...record, ...other }, token).ok).toBe(false)
      expect(vault.open({ ...record, ...other }, token).ok).toBe(false)
    }
    expect(plain.open).toHaveBeenCalledTimes(1 + 2 * others.length)
    expect(read()).toEqual({ cart: ['a'] })
  })

  it('holds none of the memory that it was given', () => {
    const reply = Buffer.from(record.sealed)
    read({ ...record, sealed: reply })
    reply.fill(0)
    expect(read()).toEqual({ cart: ['a'] })
    expect(plain.open).toHaveBeenCalledOnce()
  })

  it('gives metadata without the token, and data never', () => {
    read()
    const opened = vault.open(record, null)
    expect(opened).toMatchObject({ ok: true, meta: anonymousMeta })
    expect(() => opened.ok && opened.readData()).toThrow()
  })
})
