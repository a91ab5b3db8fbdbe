import { concatBytes } from '../core/bytes.ts'
import type { Clock } from '../core/clock.ts'
import { ConfigError, SealError } from '../core/errors.ts'
import { requireOneOf } from '../core/options.ts'
import {
  type BindCipher,
  type BoundCipher,
  type CipherName,
  cipherNames,
  cipherOf,
  createCiphers,
} from './bound-cipher.ts'
import { deriveKey } from './digest.ts'
import type { Keyring, RingKey } from './keyring.ts'

/** In bytes. */
const shortestSecret = 16

/** Options of {@link createSealer} and {@link createDerivedSealer}. */
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

/** Seals values with the newest key of a ring and opens them with whichever key sealed them. */
export interface Sealer {
  /** The cipher of new values. */
  readonly cipher: CipherName
  /** `context` names the one place where the value may be opened, and is not stored with it. */
  seal(plain: Uint8Array, context: Uint8Array): SealedValue
  /** @throws {SealError} with one message, whatever was wrong. */
  open(sealed: Uint8Array, context: Uint8Array, keyId: string): Uint8Array
  /** Whether the ring still holds this key. Without it the value is lost, but nobody forged it. */
  knows(keyId: string): boolean
}

/** What opens a value of a {@link DerivedSealer}. */
export interface DerivedKey {
  readonly keyId: string
  /** The random secret that it was sealed with. */
  readonly secret: Uint8Array
}

/**
 * A {@link Sealer} whose keys come from the server's key and from a secret that somebody else holds,
 * such as a token: neither opens anything without the other.
 */
export interface DerivedSealer {
  readonly cipher: CipherName
  /** `secret` must be random; 16 bytes or more. */
  seal(plain: Uint8Array, context: Uint8Array, secret: Uint8Array): SealedValue
  /** @throws {SealError} with one message, whatever was wrong. */
  open(sealed: Uint8Array, context: Uint8Array, key: DerivedKey): Uint8Array
  knows(keyId: string): boolean
}

/** Makes a {@link Sealer}. @throws {ConfigError} when there is no such cipher. */
export function createSealer(options: SealerOptions): Sealer {
  const { keyring, cipher, purposeOf, ciphers } = resolve(options)
  const bind = (name: CipherName, key: RingKey): BoundCipher =>
    ciphers[name](key.derive(purposeOf(name)))
  const bound = new Map(
    keyring.keys.map(key => [
      key.id,
      { fernet: bind('fernet', key), 'aes-256-gcm': bind('aes-256-gcm', key) },
    ]),
  )
  const newest = bind(cipher, keyring.newest)
  return {
    cipher,
    seal: (plain, context) => ({
      keyId: keyring.newest.id,
      sealed: newest.seal(plain, context),
    }),
    open(sealed, context, keyId) {
      const opener = bound.get(keyId)?.[cipherOf(sealed)]
      if (opener === undefined) throw new SealError()
      return opener.open(sealed, context)
    },
    knows: keyId => bound.has(keyId),
  }
}

/** Makes a {@link DerivedSealer}. @throws {ConfigError} when there is no such cipher. */
export function createDerivedSealer(options: SealerOptions): DerivedSealer {
  const { keyring, cipher, purposeOf, ciphers } = resolve(options)
  function bind(name: CipherName, key: RingKey, secret: Uint8Array): BoundCipher {
    const purpose = `${purposeOf(name)}/derived`
    // The server's part always has 32 bytes, so that no two pairs give the same joined secret.
    return ciphers[name](deriveKey(concatBytes(key.derive(purpose), secret), purpose))
  }
  return {
    cipher,
    seal(plain, context, secret) {
      if (secret.byteLength < shortestSecret) throw weakSecret()
      const sealed = bind(cipher, keyring.newest, secret).seal(plain, context)
      return { keyId: keyring.newest.id, sealed }
    },
    open(sealed, context, { keyId, secret }) {
      const key = keyring.find(keyId)
      if (key === undefined) throw new SealError()
      return bind(cipherOf(sealed), key, secret).open(sealed, context)
    },
    knows: keyId => keyring.find(keyId) !== undefined,
  }
}

interface Resolved {
  readonly keyring: Keyring
  readonly cipher: CipherName
  readonly purposeOf: (cipher: CipherName) => string
  readonly ciphers: Readonly<Record<CipherName, BindCipher>>
}

function resolve({ keyring, purpose, cipher = 'fernet', clock }: SealerOptions): Resolved {
  return {
    keyring,
    cipher: requireOneOf('cipher', cipher, cipherNames),
    purposeOf: name => `seal/${name}/${purpose}`,
    ciphers: createCiphers(clock),
  }
}

function weakSecret(): ConfigError {
  return new ConfigError(
    'ERR_SECRET_WEAK',
    `The secret to seal with is shorter than ${shortestSecret} bytes. Pass a random one.`,
  )
}
