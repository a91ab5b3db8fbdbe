import { createCipheriv, createDecipheriv } from 'node:crypto'
import { asBuffer, equalBytes, fromBase64Url, toBase64Url } from '../core/bytes.ts'
import { ConfigError, SealError } from '../core/errors.ts'
import { hmacSha256, importKey, type SecretKey } from './digest.ts'
import { createNonceSource, type NonceSource } from './nonce.ts'

/** First byte of every Fernet token: the version, 128. */
export const fernetVersion = 0x80

/** How old a token may be. Without it the time in a token is not looked at. */
export interface FernetAge {
  readonly ttlSeconds: number
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * Fernet by its public specification (github.com/fernet/spec): AES-128-CBC, then HMAC-SHA256 over
 * everything. Tokens and keys are interchangeable with every other implementation.
 */
export interface Fernet {
  /** The binary token. The specification's own form is {@link Fernet.seal}. */
  sealBytes(plain: Uint8Array, at: number, iv?: Uint8Array): Uint8Array
  /** @throws {SealError} with one message, whatever was wrong. */
  openBytes(token: Uint8Array, age?: FernetAge): Uint8Array
  /** The token as padded base64url. `at` is the time in milliseconds; leave `iv` to chance. */
  seal(plain: Uint8Array, at: number, iv?: Uint8Array): string
  /** @throws {SealError} with one message, whatever was wrong. */
  open(text: string, age?: FernetAge): Uint8Array
}

interface FernetKeys {
  readonly signing: SecretKey
  readonly encryption: SecretKey
}

const ivAt = 9
const bodyAt = 25
const macLength = 32
const shortestToken = bodyAt + 16 + macLength
const clockSkewSeconds = 60

/**
 * Makes a {@link Fernet}.
 *
 * @param key 32 bytes: 16 that sign, then 16 that encrypt.
 * @throws {ConfigError} when the key has another length.
 */
export function createFernet(key: Uint8Array, ivs: NonceSource = createNonceSource(16)): Fernet {
  if (key.byteLength !== 32) throw invalidKey()
  const keys = { signing: importKey(key.subarray(0, 16)), encryption: importKey(key.subarray(16)) }
  return {
    sealBytes: (plain, at, iv = ivs()) => seal(keys, { plain, at, iv }),
    openBytes: (token, age) => open(keys, token, age),
    seal: (plain, at, iv = ivs()) => toPaddedText(seal(keys, { plain, at, iv })),
    open: (text, age) => open(keys, fromPaddedText(text), age),
  }
}

/** The 32 bytes of a key in the specification's padded base64url. @throws {ConfigError} */
export function parseFernetKey(text: string): Uint8Array {
  const key = text.endsWith('=') ? fromBase64Url(text.slice(0, -1)) : null
  if (key?.byteLength !== 32) throw invalidKey()
  return key
}

function seal(
  keys: FernetKeys,
  { plain, at, iv }: { plain: Uint8Array; at: number; iv: Uint8Array },
): Uint8Array {
  const header = Buffer.alloc(ivAt)
  header.writeUInt8(fernetVersion)
  header.writeBigUInt64BE(BigInt(Math.floor(at / 1000)), 1)
  const cipher = createCipheriv('aes-128-cbc', keys.encryption, iv)
  const signed = Buffer.concat([header, iv, cipher.update(plain), cipher.final()])
  return Buffer.concat([signed, hmacSha256(keys.signing, signed)])
}

function open(keys: FernetKeys, token: Uint8Array, age: FernetAge | undefined): Uint8Array {
  if (token.byteLength < shortestToken) throw new SealError()
  const signed = token.subarray(0, -macLength)
  // The signature comes first: nothing that a forger could choose is looked at, padding least of all.
  const isGenuine = equalBytes(hmacSha256(keys.signing, signed), token.subarray(-macLength))
  if (!isGenuine || token[0] !== fernetVersion || !isFresh(signed, age)) throw new SealError()
  return decrypt(keys.encryption, signed)
}

function isFresh(signed: Uint8Array, age: FernetAge | undefined): boolean {
  if (age === undefined) return true
  const sealedAt = Number(asBuffer(signed).readBigUInt64BE(1))
  const seconds = Math.floor(age.now / 1000) - sealedAt
  return seconds <= age.ttlSeconds && seconds >= -clockSkewSeconds
}

function decrypt(encryption: SecretKey, signed: Uint8Array): Uint8Array {
  try {
    const decipher = createDecipheriv('aes-128-cbc', encryption, signed.subarray(ivAt, bodyAt))
    return Buffer.concat([decipher.update(signed.subarray(bodyAt)), decipher.final()])
  } catch {
    throw new SealError()
  }
}

function toPaddedText(token: Uint8Array): string {
  const text = toBase64Url(token)
  return text.padEnd(Math.ceil(text.length / 4) * 4, '=')
}

function fromPaddedText(text: string): Uint8Array {
  const bytes = fromBase64Url(text.replace(/={1,2}$/, ''))
  if (bytes === null || text.length % 4 !== 0) throw new SealError()
  return bytes
}

function invalidKey(): ConfigError {
  return new ConfigError(
    'ERR_OPTION_INVALID',
    'A Fernet key is 32 bytes, or 44 characters of padded base64url. Generate a new one.',
  )
}
