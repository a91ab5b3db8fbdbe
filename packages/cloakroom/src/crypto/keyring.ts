import { asBuffer, utf8 } from '../core/bytes.ts'
import { ConfigError } from '../core/errors.ts'
import { deriveKey, importKey, type SecretKey, sha256 } from './digest.ts'
import { findWeakness } from './weakness.ts'

/** One secret of a {@link Keyring}. Printing it shows its id and nothing else. */
export interface RingKey {
  /** 8 hexadecimal digits that stand for this key in stored values and logs and tell nothing of it.. */
  readonly id: string
  /** Hidden from enumeration, so that no copy or printout carries it away. */
  readonly secret: SecretKey
  /** 32 bytes for one purpose. Derived once and then remembered: do not change them. */
  derive(purpose: string): Uint8Array
}

/** The secrets of a server: the newest seals and signs, all of them open and verify. */
export interface Keyring {
  /** Newest first. */
  readonly keys: readonly RingKey[]
  readonly newest: RingKey
  /** Looks a key up by its id, as text or as its 4 bytes. */
  find(id: Uint8Array | string): RingKey | undefined
}

/** Options of {@link createKeyring}. */
export interface KeyringOptions {
  /** The setting that the secrets come from, for messages: `sessionSecret`, `SESSION_SECRET_KEY` … */
  readonly name: string
}

/**
 * Makes a {@link Keyring} from one secret, or from several with the newest first.
 *
 * To change the secret, put a new one in front; take the old one out when everything sealed with it
 * has been written anew or has expired.
 *
 * @throws {ConfigError} naming the setting, when a secret is shorter than 32 characters or plainly
 * not random, or when one is given twice. No message contains any part of a secret.
 */
export function createKeyring(
  secrets: string | readonly string[],
  options: KeyringOptions,
): Keyring {
  const texts: readonly string[] = [secrets].flat()
  const keys = texts.map((text, index) => {
    const weakness = findWeakness(text)
    if (weakness !== null) throw weak(options.name, describePlace(index, texts.length), weakness)
    return createRingKey(importKey(utf8(text)))
  })
  const [newest] = keys
  if (newest === undefined) throw weak(options.name, '', 'is missing')
  const byId = new Map(keys.map(key => [key.id, key]))
  if (byId.size < keys.length) throw weak(options.name, '', 'holds the same secret twice')
  return {
    keys,
    newest,
    find: id => byId.get(typeof id === 'string' ? id : asBuffer(id).toString('hex')),
  }
}

function createRingKey(secret: SecretKey): RingKey {
  const derived = new Map<string, Uint8Array>()
  const id = asBuffer(sha256(deriveKey(secret, 'key id')).subarray(0, 4)).toString('hex')
  const key = {
    id,
    derive(purpose: string): Uint8Array {
      const known = derived.get(purpose)
      if (known !== undefined) return known
      const made = deriveKey(secret, purpose)
      derived.set(purpose, made)
      return made
    },
  }
  return Object.defineProperty(key, 'secret', { value: secret }) as RingKey
}

function describePlace(index: number, count: number): string {
  return count === 1 ? '' : ` (secret ${index + 1} of ${count})`
}

function weak(name: string, place: string, problem: string): ConfigError {
  return new ConfigError(
    'ERR_SECRET_WEAK',
    `\`${name}\`${place} ${problem}. Make one with \`openssl rand -base64 33\`.`,
  )
}
