import { asBuffer, concatBytes, equalBytes, fromBase64Url, toBase64Url } from '../core/bytes.ts'
import { hmacSha256, importKey, type SecretKey } from './digest.ts'
import { type Keyring, mapKeys, type RingKey } from './keyring.ts'

/** With which key a signature was made: with the newest, or with one that is being phased out. */
export type SignatureAge = 'newest' | 'older'

/** Signs short texts, such as what a cookie holds. */
export interface Signer {
  /** 48 characters of base64url: 4 bytes of key id, 32 bytes of HMAC-SHA256. */
  sign(message: string): string
  /**
   * Null when the signature is not genuine. Exactly one text is a genuine signature of a message
   * under a key, so a signature can serve as an identity.
   */
  verify(message: string, signature: string): SignatureAge | null
  /** Tells when the ring holds other keys. */
  onReplace(listener: () => void): void
}

const keyIdLength = 4
const signatureLength = 36

/** Makes a {@link Signer}. What one purpose signs, no other accepts. */
export function createSigner(keyring: Keyring, purpose: string): Signer {
  const uses = mapKeys(keyring, key => importSigningKey(key, purpose))
  return {
    onReplace: keyring.onReplace,
    sign: message => toBase64Url(signatureOf(message, uses.newest)),
    verify(message, signature) {
      const given = fromBase64Url(signature)
      if (given?.byteLength !== signatureLength) return null
      const key = uses.find(asBuffer(given.subarray(0, keyIdLength)).toString('hex'))
      if (key === undefined || !equalBytes(given, signatureOf(message, key))) return null
      return key.id === uses.newest.id ? 'newest' : 'older'
    },
  }
}

interface SigningKey {
  readonly id: string
  readonly secret: SecretKey
}

function importSigningKey(key: RingKey, purpose: string): SigningKey {
  return { id: key.id, secret: importKey(key.derive(`sign/${purpose}`)) }
}

function signatureOf(message: string, { id, secret }: SigningKey): Uint8Array {
  return concatBytes(Buffer.from(id, 'hex'), hmacSha256(secret, message))
}
