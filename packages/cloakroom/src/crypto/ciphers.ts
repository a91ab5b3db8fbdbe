import { concatBytes } from '../core/bytes.ts'
import type { Clock } from '../core/clock.ts'
import { SealError } from '../core/errors.ts'
import { createFernet, fernetVersion } from './fernet.ts'
import { createGcm } from './gcm.ts'
import { createNonceSource } from './nonce.ts'

/** The ciphers that values can be sealed with. */
export type CipherName = 'fernet' | 'aes-256-gcm'

/** Every cipher there is, the default first. */
export const cipherNames: readonly CipherName[] = ['fernet', 'aes-256-gcm']

/** A cipher that takes its key of 32 bytes at each call. */
export interface Cipher {
  seal(key: Uint8Array, plain: Uint8Array): Uint8Array
  /** @throws {SealError} */
  open(key: Uint8Array, sealed: Uint8Array): Uint8Array
}

/** First byte of what AES-256-GCM sealed; Fernet has its own. */
const gcmVersion = Uint8Array.of(0x81)

const nothing = new Uint8Array(0)

/**
 * Makes the table of ciphers. The time in a Fernet token is written and never read: how long a value
 * lives is the store's business, and a worker whose clock is wrong must not sign people out.
 */
export function createCiphers(clock: Clock): Readonly<Record<CipherName, Cipher>> {
  const ivs = createNonceSource(16)
  const nonces = createNonceSource(12)
  return {
    fernet: {
      seal: (key, plain) => createFernet(key, ivs).sealBytes(plain, clock.now()),
      open: (key, sealed) => createFernet(key, ivs).openBytes(sealed),
    },
    'aes-256-gcm': {
      seal: (key, plain) =>
        concatBytes(gcmVersion, createGcm(key, nonces).sealBytes(plain, nothing)),
      open: (key, sealed) => createGcm(key, nonces).openBytes(sealed.subarray(1), nothing),
    },
  }
}

/**
 * Which cipher sealed a value, by its first byte, so that another choice of cipher leaves everything
 * readable that is stored. @throws {SealError} when no cipher did.
 */
export function cipherOf(sealed: Uint8Array): CipherName {
  if (sealed[0] === fernetVersion) return 'fernet'
  if (sealed[0] === gcmVersion[0]) return 'aes-256-gcm'
  throw new SealError()
}
