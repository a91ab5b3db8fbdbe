import type { Clock } from '../core/clock.ts'
import type { Keyring } from '../crypto/keyring.ts'
import type { EventSink, EventSource, EventType } from '../events/event.ts'
import type { Meter } from '../events/meter.ts'
import type { Codec } from './codec.ts'
import type { SessionMeta } from './content.ts'
import type { Epochs } from './epochs.ts'
import type { NearCache } from './near-cache.ts'
import type { Owners } from './owners.ts'
import type { SessionPolicy } from './policy.ts'
import type { DataRules } from './schema.ts'
import type { AbsentReason, SessionStore } from './store.ts'
import type { Vault } from './vault.ts'

/** What reader, writer and directory share. */
export interface SessionParts<Data> {
  readonly store: SessionStore
  readonly events: EventSink
  readonly meter: Meter
  readonly clock: Clock
  readonly policy: SessionPolicy
  readonly codec: Codec
  readonly vault: Vault<Data>
  readonly rules: DataRules<Data>
  readonly keyring: Keyring
  readonly owners: Owners
  readonly epochs: Epochs
  /** Null while it is not switched on. */
  readonly nearCache: NearCache<Data> | null
}

/** Reasons that end a session whose deadline or epoch was passed, as opposed to values not trusted. */
export const expiries: readonly AbsentReason[] = ['idle', 'absolute', 'epoch']

/** Reports what happened to a session. */
export function report(
  events: EventSink,
  type: EventType,
  about: {
    readonly id: string
    readonly meta?: SessionMeta | null
    readonly source?: EventSource | undefined
    /** Who did it, where that is not whoever the session says acts. */
    readonly actorId?: string | undefined
    readonly reason?: string
    readonly details?: Record<string, string | number | boolean>
  },
): void {
  const { id, meta, source, reason, details } = about
  const actorId = about.actorId ?? meta?.actorId ?? undefined
  events.emit({
    type,
    sessionId: id,
    userId: meta?.userId ?? undefined,
    ...(actorId !== undefined && { actorId }),
    ...(meta?.tenant ? { tenant: meta.tenant } : {}),
    ip: source?.ip,
    userAgent: source?.userAgent,
    reason,
    details,
  })
}
