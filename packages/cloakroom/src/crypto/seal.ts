import type { Clock } from '../core/clock.ts'
import { SealError } from '../core/errors.ts'
import { requireOneOf } from '../core/options.ts'
import { type CipherName, cipherNames, cipherOf, createCiphers } from './ciphers.ts'
import { hmacSha256, importKey, type SecretKey } from './digest.ts'
import { type Keyring, mapKeys, type RingKey } from './keyring.ts'

/** Options of {@link createSealer}. */
export interface SealerOptions {
  readonly keyring: Keyring
  /** What the values are. Each purpose has keys of its own. */
  readonly purpose: string
  /** What new values are sealed with; both kinds are opened. @default 'fernet' */
  readonly cipher?: CipherName | undefined
  readonly clock: Clock
}

/** A sealed value and the id of the key that opens it. */
export interface SealedValue {
  readonly keyId: string
  readonly sealed: Uint8Array
}

/**
 * Seals values with the newest key of a ring and opens them with whichever key sealed them.
 *
 * Each value has a key of its own: the HMAC-SHA256 of its context under the ring's key for the
 * purpose and cipher. So a value opens in no other context, at no cost in bytes; a context that
 * holds a secret, such as a token, makes a value that the ring alone cannot open; and no key ever
 * seals so much that nonces could meet.
 */
export interface Sealer {
  /** The cipher of new values. */
  readonly cipher: CipherName
  /** `context` names the one place where the value may be opened, and is not stored with it. */
  seal(plain: Uint8Array, context: Uint8Array | string): SealedValue
  /** @throws {SealError} with one message, whatever was wrong. */
  open(sealed: Uint8Array, context: Uint8Array | string, keyId: string): Uint8Array
  /** Whether the ring still holds this key. Without it the value is lost, but nobody forged it. */
  knows(keyId: string): boolean
}

/** Makes a {@link Sealer}. @throws {ConfigError} when there is no such cipher. */
export function createSealer(options: SealerOptions): Sealer {
  const { keyring, purpose, clock } = options
  const cipher = requireOneOf('cipher', options.cipher ?? 'fernet', cipherNames)
  const ciphers = createCiphers(clock)
  const uses = mapKeys(
    keyring,
    (key: RingKey): Record<CipherName, SecretKey> => ({
      fernet: importKey(key.derive(`seal/fernet/${purpose}`)),
      'aes-256-gcm': importKey(key.derive(`seal/aes-256-gcm/${purpose}`)),
    }),
  )
  return {
    cipher,
    seal: (plain, context) => ({
      keyId: keyring.newest.id,
      sealed: ciphers[cipher].seal(hmacSha256(uses.newest[cipher], context), plain),
    }),
    open(sealed, context, keyId) {
      const name = cipherOf(sealed)
      const key = uses.find(keyId)?.[name]
      if (key === undefined) throw new SealError()
      return ciphers[name].open(hmacSha256(key, context), sealed)
    },
    knows: keyId => uses.find(keyId) !== undefined,
  }
}
