import { toBase64Url, utf8 } from '../core/bytes.ts'
import { randomText } from '../core/random.ts'
import { hmacSha256, importKey, type SecretKey } from '../crypto/digest.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { ownerLength } from './store.ts'

/**
 * Names the owners of sessions: 72 bits of an HMAC of the user's id, so that the store knows which
 * sessions belong together and not whose they are. A visitor's session has a random owner.
 */
export interface Owners {
  /** The owner that new sessions of this user get; random for visitors. */
  current(userId: string | null): string
  /** Every owner this user's sessions may have: one for each key of the ring, newest first. */
  all(userId: string): readonly string[]
}

/** Makes {@link Owners}. */
export function createOwners(keyring: Keyring): Owners {
  const keys = keyring.keys.map(key => importKey(key.derive('session owner')))
  const nameBy = (key: SecretKey, userId: string): string =>
    toBase64Url(hmacSha256(key, utf8(userId))).slice(0, ownerLength)
  const all = (userId: string): string[] => keys.map(key => nameBy(key, userId))
  return {
    current: userId => (userId === null ? undefined : all(userId)[0]) ?? randomText(ownerLength),
    all,
  }
}
