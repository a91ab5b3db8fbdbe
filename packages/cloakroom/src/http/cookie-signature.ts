import type { CookiePair } from './cookie.ts'
import { rememberRecent } from './memo.ts'

/** Signs a text and checks such a signature, with a key ring whose newest key signs. */
export interface CookieSigner {
  sign(message: string): string
  /** Which key the signature was made with, or null when with none. Never throws. */
  verify(message: string, signature: string): 'newest' | 'older' | null
  /** Tells when the keys are others, for a signer whose keys can change. */
  onReplace?(listener: () => void): void
}

/** A value that was found to be genuine. */
export interface SignedValue {
  readonly value: string
  /** True when an older key signed it. */
  readonly resign: boolean
}

/** Puts values into cookies and takes them out again. */
export interface CookieSignature {
  sign(name: string, value: string): string
  /** Null when the signature is missing or not genuine. */
  open(pair: CookiePair): SignedValue | null
}

/**
 * Makes the {@link CookieSignature} of one purpose: `value.signature`.
 *
 * Signed is `purpose=name=value`, so a value is worth nothing in another cookie. Neither of the first
 * two holds `=`, hence no two cookies share a signed text. A signature stays genuine as long as the
 * keys do, so that the last thousand cookies are not computed over again.
 *
 * @param signer null for values that need no signature.
 */
export function createCookieSignature(
  purpose: string,
  signer: CookieSigner | null,
): CookieSignature {
  if (signer === null) {
    return { sign: (_, value) => value, open: ({ value }) => ({ value, resign: false }) }
  }
  const remember = () => rememberRecent(1000, text => openSigned(text, purpose, signer))
  let open = remember()
  signer.onReplace?.(() => {
    open = remember()
  })
  return {
    sign: (name, value) => `${value}.${signer.sign(`${purpose}=${name}=${value}`)}`,
    open: ({ name, value }) => open(`${name}=${value}`),
  }
}

function openSigned(text: string, purpose: string, signer: CookieSigner): SignedValue | null {
  const dot = text.lastIndexOf('.')
  const message = text.slice(0, dot)
  const equals = message.indexOf('=')
  if (dot === -1 || equals === -1) return null
  const key = signer.verify(`${purpose}=${message}`, text.slice(dot + 1))
  return key === null ? null : { value: message.slice(equals + 1), resign: key === 'older' }
}
