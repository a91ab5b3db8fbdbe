import type { SessionData } from './session.ts'
import { readStoredSession } from './stored-session.ts'

/** Where sessions were kept before. */
export interface OldRecords {
  /** A session as connect-redis stored it, or null. */
  find(sid: string): Promise<SessionData | null>
  /** Removes what is left of it. */
  remove(sid: string): Promise<void>
}

/** Reads and removes texts by their key. */
export interface TextStore {
  get(key: string): Promise<string | null>
  remove(key: string): Promise<void>
}

/** Options of {@link createOldRecords}. */
export interface OldRecordsOptions {
  /** Of every key of connect-redis, the `keyPrefix` of its client included. @default 'sess:' */
  readonly prefix?: string | undefined
  /** What its `serializer` read records with. @default JSON.parse */
  readonly parse?: ((text: string) => unknown) | undefined
  /** Leave old records where they are, for servers that are not yet replaced. @default false */
  readonly keep?: boolean | undefined
}

/** Makes {@link OldRecords}. @param now milliseconds since 1970. */
export function createOldRecords(
  texts: TextStore,
  options: OldRecordsOptions,
  now: () => number,
): OldRecords {
  const { prefix = 'sess:', parse = JSON.parse, keep = false } = options

  function read(text: string): SessionData | null {
    try {
      return readStoredSession(parse(text))
    } catch {
      return null
    }
  }

  function hasEnded({ cookie }: SessionData): boolean {
    const { expires }: { expires?: unknown } = cookie
    return typeof expires === 'string' && new Date(expires).getTime() <= now()
  }

  return {
    async find(sid) {
      const text = await texts.get(prefix + sid)
      const session = text === null ? null : read(text)
      return session === null || hasEnded(session) ? null : session
    },
    async remove(sid) {
      if (!keep) await texts.remove(prefix + sid)
    },
  }
}
