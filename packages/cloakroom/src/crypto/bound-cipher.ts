import { concatBytes, equalBytes } from '../core/bytes.ts'
import type { Clock } from '../core/clock.ts'
import { SealError } from '../core/errors.ts'
import { hmacSha256, importKey, sha256 } from './digest.ts'
import { createFernet, fernetVersion } from './fernet.ts'
import { createGcm } from './gcm.ts'
import { createNonceSource, type NonceSource } from './nonce.ts'

/** The ciphers that values can be sealed with. */
export type CipherName = 'fernet' | 'aes-256-gcm'

/** Every cipher there is, the default first. */
export const cipherNames: readonly CipherName[] = ['fernet', 'aes-256-gcm']

/** A cipher with its key. What it seals in one context opens in no other. */
export interface BoundCipher {
  seal(plain: Uint8Array, context: Uint8Array): Uint8Array
  /** @throws {SealError} */
  open(sealed: Uint8Array, context: Uint8Array): Uint8Array
}

/** Makes a {@link BoundCipher} from a key of 32 bytes. */
export type BindCipher = (key: Uint8Array) => BoundCipher

/** First byte of what AES-256-GCM sealed; Fernet has its own. */
const gcmVersion = 0x81

/**
 * 12 bytes: to pass a value off in another context one needs a second context with the same 96 bits
 * of SHA-256, some 2⁹⁵ tries, and cannot even see the bits to be met, since they are encrypted.
 */
const contextTagLength = 12

/** How each cipher is given a key. One table of these shares its pools of random bytes. */
export function createCiphers(clock: Clock): Readonly<Record<CipherName, BindCipher>> {
  const ivs = createNonceSource(16)
  const nonces = createNonceSource(12)
  return {
    fernet: key => bindFernet(key, clock, ivs),
    'aes-256-gcm': key => bindGcm(key, nonces),
  }
}

/**
 * Which cipher sealed a value, by its first byte, so that another choice of cipher leaves everything
 * readable that is stored. @throws {SealError} when no cipher did.
 */
export function cipherOf(sealed: Uint8Array): CipherName {
  if (sealed[0] === fernetVersion) return 'fernet'
  if (sealed[0] === gcmVersion) return 'aes-256-gcm'
  throw new SealError()
}

/**
 * Fernet signs nothing but the token, so the context goes inside it. Its time is written and never
 * read: how long a value lives is the store's business, and a worker whose clock is wrong must not
 * sign people out.
 */
function bindFernet(key: Uint8Array, clock: Clock, ivs: NonceSource): BoundCipher {
  const fernet = createFernet(key, ivs)
  return {
    seal: (plain, context) =>
      fernet.sealBytes(concatBytes(contextTag(context), plain), clock.now()),
    open(sealed, context) {
      const opened = fernet.openBytes(sealed)
      const tag = opened.subarray(0, contextTagLength)
      if (!equalBytes(tag, contextTag(context))) throw new SealError()
      return opened.subarray(contextTagLength)
    },
  }
}

/** A key for each context keeps the number of nonces under one key small for ever. */
function bindGcm(key: Uint8Array, nonces: NonceSource): BoundCipher {
  const secret = importKey(key)
  const version = Uint8Array.of(gcmVersion)
  const gcmFor = (context: Uint8Array) => createGcm(hmacSha256(secret, context), nonces)
  return {
    seal: (plain, context) => concatBytes(version, gcmFor(context).sealBytes(plain, context)),
    open: (sealed, context) => gcmFor(context).openBytes(sealed.subarray(1), context),
  }
}

function contextTag(context: Uint8Array): Uint8Array {
  return sha256(context).subarray(0, contextTagLength)
}
