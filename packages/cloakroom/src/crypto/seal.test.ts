import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromUtf8, utf8 } from '../core/bytes.ts'
import { createManualClock } from '../core/clock.ts'
import { SealError } from '../core/errors.ts'
import { randomBytes } from '../core/random.ts'
import type { CipherName } from './bound-cipher.ts'
import { deriveKey } from './digest.ts'
import { createFernet } from './fernet.ts'
import { createKeyring, type Keyring } from './keyring.ts'
import {
  createDerivedSealer,
  createSealer,
  type DerivedSealer,
  type Sealer,
  type SealerOptions,
} from './seal.ts'

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
const derivedWith = (changes: Partial<SealerOptions> = {}): DerivedSealer =>
  createDerivedSealer(optionsWith(changes))

describe('createSealer', () => {
  it('seals with Fernet unless told otherwise', () => {
    expect(sealerWith().cipher).toBe('fernet')
    expect(sealerWith().seal(plain, context).sealed[0]).toBe(0x80)
  })

  it('refuses a cipher that it does not have', () => {
    expect(() => sealerWith({ cipher: 'aes-128-ecb' as CipherName })).toThrow(/`cipher`/)
  })

  it('writes a Fernet token that any implementation opens with the derived key', () => {
    const keyring = ringOf(january)
    const { sealed } = sealerWith({ keyring }).seal(plain, context)
    const opened = createFernet(keyring.newest.derive('seal/fernet/data')).openBytes(sealed)
    expect(fromUtf8(opened.subarray(12))).toBe('the coat')
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

describe.each(ciphers)('createDerivedSealer with %s', cipher => {
  const sealer = derivedWith({ cipher })
  const secret = randomBytes(32)

  it('opens what it sealed, given the same secret', () => {
    const { keyId, sealed } = sealer.seal(plain, context, secret)
    expect(fromUtf8(sealer.open(sealed, context, { keyId, secret }))).toBe('the coat')
    expect(sealer.cipher).toBe(cipher)
  })

  it('opens nothing without the secret, even for the owner of the key ring', () => {
    const { keyId, sealed } = sealer.seal(plain, context, secret)
    const other = { keyId, secret: randomBytes(32) }
    expect(() => sealer.open(sealed, context, other)).toThrow(SealError)
    expect(() => sealer.open(sealed, context, { keyId, secret: new Uint8Array(0) })).toThrow(
      SealError,
    )
    expect(() => sealerWith({ cipher }).open(sealed, context, keyId)).toThrow(SealError)
  })

  it('opens nothing without the server key, even for the owner of the secret', () => {
    const { keyId, sealed } = sealer.seal(plain, context, secret)
    const stranger = derivedWith({ cipher, keyring: ringOf(february) })
    const key = { keyId: ringOf(february).newest.id, secret }
    expect(stranger.knows(keyId)).toBe(false)
    expect(() => stranger.open(sealed, context, { keyId, secret })).toThrow(SealError)
    expect(() => stranger.open(sealed, context, key)).toThrow(SealError)
    const bare = createFernet(deriveKey(secret, `seal/${cipher}/data/derived`))
    expect(() => bare.openBytes(sealed)).toThrow(SealError)
  })

  it('refuses another context and another purpose', () => {
    const { keyId, sealed } = sealer.seal(plain, context, secret)
    const key = { keyId, secret }
    expect(() => sealer.open(sealed, utf8('session/8'), key)).toThrow(SealError)
    const other = derivedWith({ cipher, purpose: 'successor' })
    expect(() => other.open(sealed, context, key)).toThrow(SealError)
  })

  it('opens values of older keys and of the other cipher', () => {
    const { keyId, sealed } = sealer.seal(plain, context, secret)
    const after = derivedWith({
      keyring: ringOf(february, january),
      cipher: cipher === 'fernet' ? 'aes-256-gcm' : 'fernet',
    })
    expect(after.knows(keyId)).toBe(true)
    expect(fromUtf8(after.open(sealed, context, { keyId, secret }))).toBe('the coat')
    expect(after.seal(plain, context, secret).keyId).not.toBe(keyId)
  })

  it('refuses to seal with a secret of less than 16 bytes', () => {
    expect(() => sealer.seal(plain, context, randomBytes(15))).toThrow(/16 bytes/)
  })

  it('refuses bytes that no cipher wrote', () => {
    const { keyId } = sealer.seal(plain, context, secret)
    expect(() => sealer.open(new Uint8Array(0), context, { keyId, secret })).toThrow(SealError)
    expect(() => sealer.open(new Uint8Array(100), context, { keyId, secret })).toThrow(SealError)
  })
})
