import { toBase64Url, utf8 } from '../core/bytes.ts'
import type { Clock } from '../core/clock.ts'
import { sha256 } from '../crypto/digest.ts'
import type { SessionMeta } from './content.ts'
import type { SessionStore } from './store.ts'

/** Epochs of tenants and of everybody, held in this process and read again when they are old. */
export interface Epochs {
  /** Reads them again if the copy is older than the interval. Cheap when it is not. */
  refresh(): Promise<void>
  /** The epochs to write into a new session. */
  of(tenant: string | null): { tenantEpoch: number; globalEpoch: number }
  /** Whether a session was made before one of its epochs was raised. */
  isOutdated(meta: SessionMeta): boolean
  /** Ends all sessions of a tenant, or of everybody. */
  raise(tenant: string | null): Promise<number>
}

const everybody = 'all'

/** Makes {@link Epochs}. */
export function createEpochs(store: SessionStore, clock: Clock, intervalMs: number): Epochs {
  let known: ReadonlyMap<string, number> = new Map()
  let readAt = Number.NEGATIVE_INFINITY
  let reading: Promise<void> | null = null

  async function read(): Promise<void> {
    try {
      known = await store.readEpochs()
      readAt = clock.now()
    } finally {
      reading = null
    }
  }

  const value = (name: string): number => known.get(name) ?? 0

  return {
    async refresh() {
      if (Math.abs(clock.now() - readAt) < intervalMs) return
      reading ??= read()
      await reading
    },
    of: tenant => ({
      tenantEpoch: tenant === null ? 0 : value(nameOf(tenant)),
      globalEpoch: value(everybody),
    }),
    isOutdated(meta) {
      if (meta.globalEpoch < value(everybody)) return true
      return meta.tenant !== null && meta.tenantEpoch < value(nameOf(meta.tenant))
    },
    async raise(tenant) {
      const name = tenant === null ? everybody : nameOf(tenant)
      const raised = await store.raiseEpoch(name)
      known = new Map(known).set(name, raised)
      return raised
    },
  }
}

/** Tenants are named by a digest: no name of a customer stands in the store in clear. */
function nameOf(tenant: string): string {
  return toBase64Url(sha256(utf8(`tenant ${tenant}`))).slice(0, 22)
}
