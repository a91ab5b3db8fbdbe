import { randomBytes } from '../core/random.ts'

/** Gives a fresh random nonce at every call. */
export type NonceSource = () => Uint8Array

const noncesPerDraw = 256

/**
 * Makes a {@link NonceSource} that draws random bytes for many nonces at a time, which is several
 * times cheaper. For nonces and IVs only: a token should not lie in memory before it is issued.
 */
export function createNonceSource(length: number): NonceSource {
  let pool = new Uint8Array(0)
  let used = 0
  return () => {
    if (used === pool.byteLength) {
      pool = new Uint8Array(randomBytes(length * noncesPerDraw))
      used = 0
    }
    used += length
    return pool.subarray(used - length, used)
  }
}
