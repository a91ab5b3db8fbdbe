import { ownerOf } from '../../sessions/store.ts'

/**
 * Every key name of Cloakroom in Redis, nowhere else.
 *
 * All keys of one owner carry the owner in braces, so that a Redis Cluster keeps them together and
 * one script may change them in one step.
 */
export interface Keys {
  /** A session's record. */
  session(id: string): string
  /** What is remembered of a session's former tokens: hash of digest to note. */
  retired(id: string): string
  /** An owner's sessions: sorted set of the rest of the id, by the time they end. */
  index(owner: string): string
  /** An owner's epoch. */
  epoch(owner: string): string
  /** Epochs that are not bound to an owner: hash of name to number. */
  epochs(): string
  /** Begins the key of each session of an owner. */
  sessionsOf(owner: string): string
  /** Matches the records of all sessions, and nothing else. */
  anySession(): string
  /** The id of the session that a key names, or null when it names something else. */
  sessionIdOf(key: string): string | null
}

/** Makes {@link Keys}. @param prefix of every key; letters, digits, `:`, `-`, `_` and `.`. */
export function createKeys(prefix: string): Keys {
  const sessionsOf = (owner: string): string => `${prefix}{${owner}}s`
  const byOwner = (id: string, kind: string): string =>
    `${prefix}{${ownerOf(id)}}${kind}${id.slice(ownerOf(id).length)}`
  const pattern = new RegExp(`^${escapePattern(prefix)}\\{([\\w-]{12})\\}s([\\w-]{10})$`)
  return {
    session: id => byOwner(id, 's'),
    retired: id => byOwner(id, 'r'),
    index: owner => `${prefix}{${owner}}i`,
    epoch: owner => `${prefix}{${owner}}e`,
    epochs: () => `${prefix}epochs`,
    sessionsOf,
    anySession: () => `${prefix}{????????????}s??????????`,
    sessionIdOf(key) {
      const match = pattern.exec(key)
      return match === null ? null : `${match[1]}${match[2]}`
    },
  }
}

function escapePattern(text: string): string {
  return text.replace(/[.]/g, '\\.')
}
