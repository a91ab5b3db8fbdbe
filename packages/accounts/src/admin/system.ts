import type { RedisHealth } from 'cloakroom'
import type { Visit } from '../account/ports.ts'
import type { AuthorizationRefusal } from '../flows/authorization.ts'
import type { Success } from '../flows/outcome.ts'
import type { AdminParts } from './parts.ts'

/** A key and what it still seals. */
export interface AdminKey {
  /** Eight digits that stand for it and tell nothing of it. */
  readonly id: string
  /** The newest seals, older ones only open; sessions of one that is missing cannot be opened. */
  readonly state: 'newest' | 'older' | 'missing'
  /** Living sessions by the last count that was finished; null before the first. */
  readonly sessions: number | null
}

/** All keys, and how far the count of their sessions is. */
export interface AdminKeys {
  readonly keys: readonly AdminKey[]
  /** When the sessions were counted; null before the first count is finished. */
  readonly countedAt: number | null
  /** How many the count under way has met: ask again for the next part. Null while it rests. */
  readonly soFar: number | null
}

/** How the stores are. */
export interface AdminHealth {
  /** Null where all is kept in memory. */
  readonly redis: RedisHealth | null
  readonly storage: string
  /** How often a listener of events has failed: an audit log that cannot be written is one. */
  readonly listenerFailures: number
}

/** What the console says about keys and stores. */
export interface SystemDesk {
  keys(visit: Visit): Promise<Success<AdminKeys> | AuthorizationRefusal>
  health(visit: Visit): Promise<Success<AdminHealth> | AuthorizationRefusal>
}

/** Makes a {@link SystemDesk}. */
export function createSystemDesk({ engine, flows, census }: AdminParts): SystemDesk {
  return {
    async keys(visit) {
      const allowed = await flows.authorize({ permission: 'system:read' }, visit)
      if (!allowed.ok) return allowed
      const { last, soFar } = await census.step()
      // Before the first count is finished an empty part of one tells the ring.
      const ring = last?.ring ?? (await engine.sessions.countPage(null, 1)).ring
      const ids = new Set([...ring, ...(last?.byKey.keys() ?? [])])
      const keys = [...ids].map((id): AdminKey => {
        const older = ring.includes(id) ? 'older' : 'missing'
        return {
          id,
          state: id === ring[0] ? 'newest' : older,
          sessions: last === null ? null : (last.byKey.get(id) ?? 0),
        }
      })
      return { ok: true, keys, countedAt: last?.finishedAt ?? null, soFar }
    },

    async health(visit) {
      const allowed = await flows.authorize({ permission: 'system:read' }, visit)
      if (!allowed.ok) return allowed
      return {
        ok: true,
        redis: await engine.checkHealth(),
        storage: engine.storage,
        listenerFailures: engine.events.failureCount(),
      }
    },
  }
}
