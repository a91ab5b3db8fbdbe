import { toBase64Url } from '../core/bytes.ts'
import { requireText } from '../core/options.ts'
import { randomBytes } from '../core/random.ts'
import { hmacSha256, importKey, type SecretKey } from '../crypto/digest.ts'
import { type Keyring, mapKeys } from '../crypto/keyring.ts'

/**
 * Names the owners of sessions: 68 bits of an HMAC of the user's id, so that the store knows which
 * sessions belong together and not whose they are. A visitor's session has a random owner.
 *
 * The first three characters are the owner's bucket, one of 16,384. A store may keep together what
 * belongs to a bucket: one slot of a Redis Cluster, one index.
 */
export interface Owners {
  /**
   * The owner that new sessions of this user get; random for visitors.
   *
   * @throws {ConfigError} when the id is no well-formed text, or empty.
   */
  current(userId: string | null): string
  /** The owners that this user's sessions got under older keys of the ring, newest first. */
  older(userId: string): readonly string[]
  /** Every owner this user's sessions may have: one for each key of the ring, newest first. */
  all(userId: string): readonly string[]
}

/** Makes {@link Owners}. */
export function createOwners(keyring: Keyring): Owners {
  const uses = mapKeys(keyring, key => importKey(key.derive('session owner')))
  const nameBy = (key: SecretKey, userId: string): string =>
    nameOf(hmacSha256(key, requireText('userId', userId)).slice(0, 9))
  return {
    current: userId => (userId === null ? nameOf(randomBytes(9)) : nameBy(uses.newest, userId)),
    older: userId => uses.all.slice(1).map(key => nameBy(key, userId)),
    all: userId => uses.all.map(key => nameBy(key, userId)),
  }
}

/** Four bits are cleared: the third character then has two, and the first three 14. */
function nameOf(bytes: Uint8Array): string {
  bytes[1] = (bytes[1] ?? 0) & 0xfc
  bytes[2] = (bytes[2] ?? 0) & 0x3f
  return toBase64Url(bytes)
}
