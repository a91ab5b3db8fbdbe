import { asBuffer, equalTexts, utf8 } from '../core/bytes.ts'
import { hmacSha256, importKey, type SecretKey } from './digest.ts'

/** What express-session takes as a secret. It sets no minimum, and neither may this. */
export type ConnectSecret = string | Uint8Array | SecretKey

/**
 * Signs cookie values the way that Connect began and express-session goes on with, so that cookies
 * stay good when one takes the place of the other. New cookies of Cloakroom are signed otherwise.
 */
export interface ConnectSigner {
  /** The value, a dot, and its HMAC-SHA256 in base64 without padding, under the first secret. */
  sign(value: string): string
  /** The value of a text that any of the secrets signed, or null. */
  unsign(text: string): string | null
}

/** Makes a {@link ConnectSigner}. @param secrets newest first. */
export function createConnectSigner(secrets: readonly ConnectSecret[]): ConnectSigner {
  const keys = secrets.map(toKey)
  const signBy = (key: SecretKey | undefined, value: string): string => {
    if (key === undefined) throw new TypeError('A signer needs a secret.')
    return `${value}.${asBuffer(hmacSha256(key, value)).toString('base64').replace(/=+$/, '')}`
  }
  return {
    sign: value => signBy(keys[0], value),
    unsign(text) {
      const dot = text.lastIndexOf('.')
      if (dot === -1) return null
      const value = text.slice(0, dot)
      return keys.some(key => equalTexts(signBy(key, value), text)) ? value : null
    },
  }
}

function toKey(secret: ConnectSecret): SecretKey {
  if (typeof secret === 'string') return importKey(utf8(secret))
  return secret instanceof Uint8Array ? importKey(secret) : secret
}
