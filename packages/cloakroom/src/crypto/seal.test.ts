import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../core/bytes.ts'
import { createManualClock } from '../core/clock.ts'
import { SealError } from '../core/errors.ts'
import type { CipherName } from './ciphers.ts'
import { hmacSha256, importKey } from './digest.ts'
import { createFernet } from './fernet.ts'
import { createKeyring, type Keyring } from './keyring.ts'
import { createSealer, type Sealer, type SealerOptions } from './seal.ts'

const january = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const february = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'
const ringOf = (...secrets: string[]): Keyring => createKeyring(secrets, { name: 'secret' })
const ciphers: readonly CipherName[] = ['fernet', 'aes-256-gcm']
const context = utf8('session/7')
const plain = utf8('the coat')
const anyBytes = fc.uint8Array({ maxLength: 200 })

function optionsWith(changes: Partial<SealerOptions>): SealerOptions {
  return { keyring: ringOf(january), purpose: 'data', clock: createManualClock(), ...changes }
}

const sealerWith = (changes: Partial<SealerOptions> = {}): Sealer =>
  createSealer(optionsWith(changes))

describe('createSealer', () => {
  it('seals with Fernet unless told otherwise', () => {
    expect(sealerWith().cipher).toBe('fernet')
    expect(sealerWith().seal(plain, context).sealed[0]).toBe(0x80)
  })

  it('refuses a cipher that it does not have', () => {
    expect(() => sealerWith({ cipher: 'aes-128-ecb' as CipherName })).toThrow(/`cipher`/)
  })

  it('writes a Fernet token that any implementation opens with the key of the context', () => {
    const keyring = ringOf(january)
    const { sealed } = sealerWith({ keyring }).seal(plain, context)
    const master = importKey(keyring.newest.derive('seal/fernet/data'))
    const opened = createFernet(hmacSha256(master, context)).openBytes(sealed)
    expect(fromUtf8(opened)).toBe('the coat')
  })

  it('refuses bytes that no cipher wrote', () => {
    const { keyId } = sealerWith().seal(plain, context)
    for (const bytes of [new Uint8Array(0), new Uint8Array(100)]) {
      expect(() => sealerWith().open(bytes, context, keyId)).toThrow(SealError)
    }
  })

  it('opens values whatever a clock says', () => {
    const { keyId, sealed } = sealerWith({ clock: createManualClock(0) }).seal(plain, context)
    expect(sealerWith().open(sealed, context, keyId)).toHaveLength(8)
  })

  it('opens what the other cipher sealed, so that a change of cipher loses nothing', () => {
    const { keyId, sealed } = sealerWith({ cipher: 'fernet' }).seal(plain, context)
    const after = sealerWith({ cipher: 'aes-256-gcm' })
    expect(fromUtf8(after.open(sealed, context, keyId))).toBe('the coat')
    const next = after.seal(plain, context)
    expect(next.sealed[0]).toBe(0x81)
    expect(fromUtf8(sealerWith().open(next.sealed, context, next.keyId))).toBe('the coat')
  })

  it('seals with the newest key and opens with each key of the ring', () => {
    const { keyId, sealed } = sealerWith().seal(plain, context)
    const rotated = sealerWith({ keyring: ringOf(february, january) })
    expect(fromUtf8(rotated.open(sealed, context, keyId))).toBe('the coat')
    expect(rotated.seal(plain, context).keyId).toBe(ringOf(february).newest.id)
  })

  it('knows which keys it holds and opens nothing of the others', () => {
    const { keyId, sealed } = sealerWith().seal(plain, context)
    const later = sealerWith({ keyring: ringOf(february) })
    expect(sealerWith().knows(keyId)).toBe(true)
    expect(later.knows(keyId)).toBe(false)
    expect(() => later.open(sealed, context, keyId)).toThrow(SealError)
    expect(() => later.open(sealed, context, ringOf(february).newest.id)).toThrow(SealError)
  })
})

describe.each(ciphers)('createSealer with %s', cipher => {
  const sealer = sealerWith({ cipher })

  it('opens whatever bytes it sealed', () => {
    fc.assert(
      fc.property(anyBytes, anyBytes, (bytes, place) => {
        const { keyId, sealed } = sealer.seal(bytes, place)
        expect(Array.from(sealer.open(sealed, place, keyId))).toEqual([...bytes])
      }),
    )
  })

  it('refuses a value with any one byte changed or cut off', () => {
    const { keyId, sealed } = sealer.seal(plain, context)
    fc.assert(
      fc.property(fc.nat(sealed.byteLength - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Uint8Array.from(sealed)
        changed[at] = (changed[at] ?? 0) ^ by
        expect(() => sealer.open(changed, context, keyId)).toThrow(SealError)
        expect(() => sealer.open(sealed.subarray(0, at), context, keyId)).toThrow(SealError)
      }),
    )
  })

  it('refuses a value in any other context', () => {
    const { keyId, sealed } = sealer.seal(plain, context)
    expect(() => sealer.open(sealed, utf8('session/8'), keyId)).toThrow(SealError)
    expect(() => sealer.open(sealed, new Uint8Array(0), keyId)).toThrow(SealError)
  })

  it('refuses a value that was sealed for another purpose', () => {
    const { keyId, sealed } = sealerWith({ cipher, purpose: 'metadata' }).seal(plain, context)
    expect(() => sealer.open(sealed, context, keyId)).toThrow(SealError)
  })

  it('refuses a value under the id of another key of the ring', () => {
    const ring = ringOf(february, january)
    const { sealed } = sealerWith({ cipher, keyring: ring }).seal(plain, context)
    const open = () => sealerWith({ cipher, keyring: ring }).open(sealed, context, oldId)
    const oldId = ringOf(january).newest.id
    expect(open).toThrow(SealError)
  })

  it('never seals the same value into the same bytes', () => {
    const values = Array.from({ length: 300 }, () => sealer.seal(plain, context).sealed.join())
    expect(new Set(values).size).toBe(300)
  })

  it('hides the value', () => {
    const { sealed } = sealer.seal(plain, context)
    expect(Buffer.from(sealed).includes('coat')).toBe(false)
  })
})
