import type { Call } from './call.ts'

/** What operators ask about sessions, limits, the audit log and the system, by method and path. */
export interface AdminCalls {
  'GET /admin/overview': Call<null, Overview>
  'GET /admin/sessions': Call<SessionSearch, SessionPage>
  'DELETE /admin/sessions/{sessionId}': Call<{ readonly sessionId: string }, null, 'gone'>
  'POST /admin/addresses/end-sessions': Call<OneAddress, null, 'address' | 'own-address'>
  'GET /admin/blocks': Call<BlockSearch, BlockPage>
  'POST /admin/blocks': Call<NewBlock, null, 'rule' | 'subject' | 'reason' | 'duration'>
  'DELETE /admin/blocks/{rule}/{version}/{id}': Call<OneBlock, null, 'gone'>
  'GET /admin/audit': Call<AuditSearch, AuditLogPage>
  'GET /admin/audit/export': Call<AuditExport, TextFile>
  'GET /admin/keys': Call<null, KeyList>
  'GET /admin/health': Call<null, Health>
}

/** A text that is to be kept and not shown. */
export interface TextFile {
  /** Its media type. */
  readonly type: string
  readonly text: string
}

/** What happened, in numbers. */
export interface Activity {
  /** Sessions that began, and that ended. */
  readonly begun: number
  readonly ended: number
  readonly signIns: number
  readonly failures: number
  /** Requests refused by rate limits. */
  readonly limits: number
}

/** What goes on. What happens to sessions and limits is as the process that answers has seen it. */
export interface Overview {
  /** Living sessions by the last count that was finished; null before the first. */
  readonly sessions: number | null
  readonly countedAt: string | null
  /** How many sessions the count under way has met; null while it rests. */
  readonly soFar: number | null
  /** Sums of the last hour. */
  readonly totals: Activity
  /** The last hour, the oldest minute first. */
  readonly minutes: readonly OverviewMinute[]
}

/** One minute of the overview. */
export interface OverviewMinute extends Activity {
  readonly at: string
  readonly sessions: number | null
}

/** Which sessions are wanted: those to which all of it applies. */
export interface SessionSearch {
  /** Id of a user, or part of the e-mail address or name of an account. */
  readonly user?: string | undefined
  /** An IP address; of IPv6, its network of 64 bits. */
  readonly address?: string | undefined
  /** Part of the device's description. */
  readonly device?: string | undefined
  readonly cursor?: string | undefined
}

/** Sessions in a part of all; it may hold none, and there may be more all the same. */
export interface SessionPage {
  readonly sessions: readonly FoundSession[]
  readonly cursor: string | null
}

/** A session as operators see it. */
export interface FoundSession {
  readonly id: string
  readonly userId: string | null
  readonly role: string | null
  readonly device: string | null
  readonly ip: string | null
  readonly createdAt: string
  readonly seenAt: string
  readonly expiresAt: string
  readonly isCurrent: boolean
  /** Whether whoever asks may end it. */
  readonly canEnd: boolean
  /** Null for visitors, and for users who have no account here. */
  readonly account: Person | null
}

/** An account, as far as a list names it. */
export interface Person {
  readonly id: string
  readonly email: string
  readonly name: string
}

/** An address whose sessions are to end. */
export interface OneAddress {
  readonly address: string
}

/** Which blocks are wanted: all page by page, or those of an address or account. */
export interface BlockSearch {
  readonly subject?: string | undefined
  readonly cursor?: string | undefined
}

/** A page of blocks, in no order. */
export interface BlockPage {
  readonly blocks: readonly FoundBlock[]
  readonly cursor: string | null
  /** Rules under which something can be blocked by hand. */
  readonly rules: readonly string[]
}

/** What names a block. */
export interface OneBlock {
  readonly rule: string
  readonly version: string
  readonly id: string
}

/** A block. */
export interface FoundBlock extends OneBlock {
  /** Null for good. */
  readonly endsAt: string | null
  /** `limit` when the rule did it, otherwise what an operator wrote. */
  readonly reason: string
  /** How many blocks before it are remembered. */
  readonly level: number
  /** Whom it hit, as far as the audit log still tells. */
  readonly subject: string | null
}

/** Somebody is to be blocked by hand. */
export interface NewBlock {
  readonly rule: string
  /** An address, an e-mail address or, under the application's own rules, the key itself. */
  readonly subject: string
  /** Null for good. */
  readonly seconds: number | null
  readonly reason: string
}

/** Which entries of the log are wanted: those to which all of it applies. */
export interface AuditFilter {
  readonly type?: string | undefined
  readonly userId?: string | undefined
  readonly actorId?: string | undefined
  readonly sessionId?: string | undefined
  readonly ip?: string | undefined
  /** From this instant on, and before that one. */
  readonly from?: string | undefined
  readonly until?: string | undefined
}

/** Which page of the log is wanted. */
export interface AuditSearch extends AuditFilter {
  readonly cursor?: string | undefined
  readonly count?: number | undefined
}

/** In which form the log is taken away. */
export interface AuditExport extends AuditFilter {
  readonly format: 'jsonl' | 'csv'
}

/** A page of the log, the newest entry first. */
export interface AuditLogPage {
  readonly entries: readonly LogEntry[]
  readonly cursor: string | null
  /** Accounts that the entries name. */
  readonly people: readonly Person[]
}

/** An entry of the log. */
export interface LogEntry {
  readonly sequence: number
  /** Null when it is not as it was written. */
  readonly event: LogEvent | null
}

/** A security event. */
export interface LogEvent {
  readonly type: string
  readonly at: string
  readonly userId: string | null
  readonly actorId: string | null
  readonly sessionId: string | null
  readonly ip: string | null
  readonly userAgent: string | null
  readonly reason: string | null
  readonly details: Readonly<Record<string, string | number | boolean>>
}

/** The keys that seal sessions. */
export interface KeyList {
  readonly keys: readonly KeyUse[]
  /** When sessions were counted; null before the first count is finished. */
  readonly countedAt: string | null
  /** How many the count under way has met: ask again for the next part. */
  readonly soFar: number | null
}

/** A key and what it still seals. */
export interface KeyUse {
  /** Digits that stand for it and tell nothing of it. */
  readonly id: string
  /** The newest seals; older ones only open; sessions of one that is missing cannot be opened. */
  readonly state: 'newest' | 'older' | 'missing'
  readonly sessions: number | null
}

/** How the stores are. */
export interface Health {
  readonly storage: string
  /** Null where all is kept in memory. */
  readonly redis: RedisState | null
  /** How often a listener of events has failed. */
  readonly listenerFailures: number
}

/** How Redis is. Null stands for what the server does not tell. */
export interface RedisState {
  readonly ok: boolean
  readonly latencyMs: number
  readonly version: string | null
  readonly role: string | null
  readonly persistence: string | null
  readonly usedMemoryBytes: number | null
  readonly maxMemoryBytes: number | null
  readonly evictedKeys: number | null
  readonly clockSkewMs: number | null
  /** What an operator should change, as sentences. */
  readonly warnings: readonly string[]
}
