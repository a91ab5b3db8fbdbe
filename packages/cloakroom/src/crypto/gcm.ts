import { createCipheriv, createDecipheriv } from 'node:crypto'
import { ConfigError, SealError } from '../core/errors.ts'
import { importKey, type SecretKey } from './digest.ts'
import { createNonceSource, type NonceSource } from './nonce.ts'

/**
 * AES-256-GCM (NIST SP 800-38D) with random nonces.
 *
 * A sealed value is nonce (12 bytes), ciphertext, tag (16 bytes). One key must seal no more than
 * 2³² values, or two nonces may meet; whoever seals without end derives a key for each record.
 */
export interface Gcm {
  /** `aad` is not stored, but the value opens only where it is the same. */
  sealBytes(plain: Uint8Array, aad: Uint8Array): Uint8Array
  /** @throws {SealError} with one message, whatever was wrong. */
  openBytes(sealed: Uint8Array, aad: Uint8Array): Uint8Array
}

const algorithm = 'aes-256-gcm'
const nonceLength = 12
const tagLength = 16

/** Makes a {@link Gcm} from a key of 32 bytes. @throws {ConfigError} when it has another length. */
export function createGcm(
  key: Uint8Array,
  nonces: NonceSource = createNonceSource(nonceLength),
): Gcm {
  if (key.byteLength !== 32) {
    throw new ConfigError('ERR_OPTION_INVALID', 'An AES-256-GCM key is 32 bytes. Derive one.')
  }
  const secret = importKey(key)
  return {
    sealBytes: (plain, aad) => seal(secret, nonces(), { plain, aad }),
    openBytes: (sealed, aad) => open(secret, sealed, aad),
  }
}

function seal(
  key: SecretKey,
  nonce: Uint8Array,
  { plain, aad }: { plain: Uint8Array; aad: Uint8Array },
): Uint8Array {
  const cipher = createCipheriv(algorithm, key, nonce).setAAD(aad)
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

function open(key: SecretKey, sealed: Uint8Array, aad: Uint8Array): Uint8Array {
  if (sealed.byteLength < nonceLength + tagLength) throw new SealError()
  const nonce = sealed.subarray(0, nonceLength)
  // Without a fixed length Node also takes tags of 4 bytes, which can be forged by trying.
  const options = { authTagLength: tagLength }
  const decipher = createDecipheriv(algorithm, key, nonce, options).setAAD(aad)
  decipher.setAuthTag(sealed.subarray(-tagLength))
  try {
    const plain = decipher.update(sealed.subarray(nonceLength, -tagLength))
    return Buffer.concat([plain, decipher.final()])
  } catch {
    throw new SealError()
  }
}
