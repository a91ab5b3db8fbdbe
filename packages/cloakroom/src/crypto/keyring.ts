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
  /** Newest first. Another list once the secrets were replaced. */
  readonly keys: readonly RingKey[]
  readonly newest: RingKey
  /** Looks a key up by its id, as text or as its 4 bytes. */
  find(id: Uint8Array | string): RingKey | undefined
  /**
   * Puts other secrets in the place of these, for everything that was made with the ring.
   *
   * @throws {ConfigError} as {@link createKeyring} does; nothing has changed then.
   */
  replace(secrets: string | readonly string[]): void
  /** @throws {ConfigError} when {@link replace} would. */
  check(secrets: string | readonly string[]): void
  /** Told after each {@link replace}. */
  onReplace(listener: () => void): void
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
  let ring = readRing(secrets, options)
  const listeners: (() => void)[] = []
  return {
    get keys() {
      return ring.keys
    },
    get newest() {
      return ring.newest
    },
    find: id => ring.byId.get(typeof id === 'string' ? id : asBuffer(id).toString('hex')),
    replace(others) {
      ring = readRing(others, options)
      for (const listener of listeners) listener()
    },
    check: others => void readRing(others, options),
    onReplace: listener => listeners.push(listener),
  }
}

/** Takes a ring as it is, and makes one of secrets. */
export function toKeyring(
  secrets: string | readonly string[] | Keyring,
  options: KeyringOptions,
): Keyring {
  return isKeyring(secrets) ? secrets : createKeyring(secrets, options)
}

function isKeyring(secrets: string | readonly string[] | Keyring): secrets is Keyring {
  return typeof secrets === 'object' && 'newest' in secrets
}

/** What each key of a ring serves as. */
export interface KeyUses<Use> {
  readonly newest: Use
  /** Newest first. */
  readonly all: readonly Use[]
  find(id: string): Use | undefined
}

/** Makes something of each key of a ring, once for each, and of those that come later as well. */
export function mapKeys<Use>(keyring: Keyring, make: (key: RingKey) => Use): KeyUses<Use> {
  let keys: readonly RingKey[] = []
  let all: readonly Use[] = []
  let byId: ReadonlyMap<string, Use> = new Map()
  function refresh(): void {
    if (keyring.keys === keys) return
    keys = keyring.keys
    all = keys.map(make)
    byId = new Map(all.map((use, at) => [keys[at]?.id ?? '', use]))
  }
  return {
    get newest() {
      refresh()
      return all[0] as Use
    },
    get all() {
      refresh()
      return all
    },
    find(id) {
      refresh()
      return byId.get(id)
    },
  }
}

interface Ring {
  readonly keys: readonly RingKey[]
  readonly newest: RingKey
  readonly byId: ReadonlyMap<string, RingKey>
}

function readRing(secrets: string | readonly string[], options: KeyringOptions): Ring {
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
  return { keys, newest, byId }
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
