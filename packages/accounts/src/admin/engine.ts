import type {
  Cloakroom,
  EventListener,
  LoginProtection,
  RateLimiter,
  SessionEntry,
} from 'cloakroom'
import type { EventSink, EventSource, Roles } from '../account/ports.ts'

/** Who does something to the sessions of others, and why, for the event. */
export interface EndOptions {
  readonly source?: EventSource
  readonly reason?: string
  readonly actorId?: string
}

/** Looks through sessions and ends them. Cloakroom's `SessionManager` does. */
export interface SessionOffice {
  find(id: string): Promise<SessionEntry | null>
  list(userId: string): Promise<readonly SessionEntry[]>
  revoke(id: string, options: EndOptions): Promise<boolean>
  /** Ends all sessions that began at an address, in one step however many they are. */
  raiseEpoch(scope: { readonly address: string }, options: EndOptions): Promise<void>
  scan(
    cursor: string | null,
    count: number,
  ): Promise<{ readonly entries: readonly SessionEntry[]; readonly cursor: string | null }>
  countPage(
    cursor: string | null,
    count: number,
  ): Promise<{
    readonly ring: readonly string[]
    readonly counts: ReadonlyMap<string, number>
    readonly cursor: string | null
  }>
}

/** Lists blocks, and makes and lifts them. Cloakroom's `RateLimiter` does. */
export type BlockOffice = Pick<
  RateLimiter,
  'rules' | 'block' | 'findBlock' | 'listBlocks' | 'unblockListed' | 'idOf'
>

/** The parts of Cloakroom that the console stands on. What `createCloakroom` returns has them. */
export interface AdminEngine
  extends Pick<Cloakroom, 'checkHealth' | 'storage' | 'clock' | 'auditTrail'> {
  readonly sessions: SessionOffice
  readonly limiter: BlockOffice
  readonly loginProtection: Pick<LoginProtection, 'pairKey'> & { readonly limiter: BlockOffice }
  readonly roles: Roles & { readonly ladder: readonly string[] }
  readonly events: EventSink & {
    on(listener: EventListener): () => void
    failureCount(): number
  }
}
