import { bucketOf } from '../../sessions/store.ts'

/**
 * Every key name of Cloakroom's sessions in Redis, nowhere else.
 *
 * All keys of one bucket carry it in braces, so that a Redis Cluster keeps them together and one
 * script may change them in one step.
 */
export interface Keys {
  /** A session's record. */
  session(id: string): string
  /** What is remembered of a session's former tokens: hash of digest to note. */
  retired(id: string): string
  /** The users' sessions of a bucket: sorted set of {@link Keys.member} by the second they end. */
  index(id: string): string
  /** An owner's epoch. */
  epoch(owner: string): string
  /** What lies beside a session or an owner: hash. */
  locker(place: string): string
  /** Epochs that are not bound to an owner: hash of name to number. */
  epochs(): string
  /** The channel on which every process tells and hears what happens to sessions. */
  changes(): string
  /** The channel of one process's heartbeats. */
  heartbeats(process: string): string
  /** Begins the key of each session of a bucket; its member follows. */
  sessionsOf(id: string): string
  /** What stands for a session, or begins all those of an owner, in the index of the bucket. */
  member(id: string): string
  /** Matches the records of all sessions, and nothing else. */
  anySession(): string
  /** The id of the session that a key names, or null when it names something else. */
  sessionIdOf(key: string): string | null
}

/** Makes {@link Keys}. @param prefix of every key; letters, digits, `:`, `-`, `_` and `.`. */
export function createKeys(prefix: string): Keys {
  const member = (id: string): string => id.slice(bucketOf(id).length)
  const begin = (id: string, kind: string): string => `${prefix}{${bucketOf(id)}}${kind}`
  const pattern = new RegExp(`^${escapePattern(prefix)}\\{([\\w-]{3})\\}s([\\w-]{19})$`)
  return {
    session: id => begin(id, 's') + member(id),
    retired: id => begin(id, 'r') + member(id),
    index: id => begin(id, 'i'),
    epoch: owner => begin(owner, 'e') + member(owner),
    locker: place => begin(place, 'v') + member(place),
    epochs: () => `${prefix}epochs`,
    changes: () => `${prefix}changes`,
    heartbeats: process => `${prefix}changes:${process}`,
    sessionsOf: id => begin(id, 's'),
    member,
    anySession: () => `${prefix}{???}s${'?'.repeat(19)}`,
    sessionIdOf(key) {
      const match = pattern.exec(key)
      return match === null ? null : `${match[1]}${match[2]}`
    },
  }
}

function escapePattern(text: string): string {
  return text.replace(/[.]/g, '\\.')
}
