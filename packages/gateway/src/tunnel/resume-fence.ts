import { createHash } from 'node:crypto'
import type { TunnelConnection } from './tunnel.ts'

/** Remembers who something belongs to. The first to claim it has it. */
export interface Ownership {
  /** Claims it unless somebody has; gives the owner, or null when that cannot be told. */
  claim(key: string, owner: string): Promise<string | null>
  /** The owner; null for what nobody claimed, and when that cannot be told. */
  find(key: string): Promise<string | null>
}

/**
 * Keeps the state that an app holds for one person from another.
 *
 * Some apps give a browser a name for its state, and take whoever says that name for the same person.
 * In a tab that is open while one person signs out and another in, that is wrong.
 */
export interface ResumeFence {
  /** Learns the names in what the app sends on a connection. */
  watch(connection: TunnelConnection, owner: string): void
  /** Whether a name was given to this person: nobody resumes what is not known to be theirs. */
  isOwned(name: string, owner: string): Promise<boolean>
  /** Whether a name is nobody else's; it then is this person's. */
  mayUse(name: string, owner: string): Promise<boolean>
}

/** Names come early on a connection. What comes later costs nothing. */
const watchedBytes = 262_144

/** A UUID as a text of protocol buffers has it: after its length. */
const namePattern = /\$([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/g
const nameLength = 37

/** Makes a {@link ResumeFence} for one app. */
export function createResumeFence(app: string, ownership: Ownership): ResumeFence {
  const keyOf = (name: string): string =>
    `${app}:${createHash('sha256').update(name).digest('base64url')}`

  return {
    watch(connection, owner) {
      let left = watchedBytes
      let tail = ''
      const known = new Set<string>()
      connection.onAppBytes(chunk => {
        if (left <= 0) return
        const text = tail + chunk.subarray(0, left).toString('latin1')
        left -= chunk.length
        tail = text.slice(-nameLength)
        for (const [, name = ''] of text.matchAll(namePattern)) {
          if (known.has(name)) continue
          known.add(name)
          void ownership.claim(keyOf(name), owner)
        }
      })
    },
    isOwned: async (name, owner) => (await ownership.find(keyOf(name))) === owner,
    mayUse: async (name, owner) => (await ownership.claim(keyOf(name), owner)) === owner,
  }
}
