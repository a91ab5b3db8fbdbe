import type { Clock } from '../core/clock.ts'
import { requireText } from '../core/options.ts'
import { sha256Text } from '../crypto/digest.ts'
import type { ChangeListener } from './changes.ts'
import type { SessionMeta } from './content.ts'
import type { SessionStore } from './store.ts'

/**
 * Epochs of tenants and of everybody, held in this process. They are pushed where changes are heard,
 * and read again when they are old or when changes may have been missed.
 */
export interface Epochs extends ChangeListener {
  /** Whether the copy is young enough to go by. */
  isFresh(): boolean
  /** Reads them again unless they are fresh. */
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
  let gaps = 0
  /** Raised since the reading under way began, which may not know of it. */
  const raisedMeanwhile = new Map<string, number>()

  async function read(): Promise<void> {
    const askedAt = clock.now()
    const gapsBefore = gaps
    raisedMeanwhile.clear()
    try {
      known = withRaised(await store.readEpochs(), raisedMeanwhile)
      if (gaps === gapsBefore) readAt = askedAt
    } finally {
      reading = null
    }
  }

  function note(name: string, value: number): void {
    known = withRaised(known, [[name, value]])
    raisedMeanwhile.set(name, value)
  }

  const epochOf = (name: string): number => known.get(name) ?? 0

  function isFresh(): boolean {
    return Math.abs(clock.now() - readAt) < intervalMs
  }

  return {
    isFresh,
    async refresh() {
      if (isFresh()) return
      reading ??= read()
      await reading
    },
    of: tenant => ({
      tenantEpoch: tenant === null ? 0 : epochOf(nameOf(tenant)),
      globalEpoch: epochOf(everybody),
    }),
    isOutdated(meta) {
      if (meta.globalEpoch < epochOf(everybody)) return true
      return meta.tenant !== null && meta.tenantEpoch < epochOf(nameOf(meta.tenant))
    },
    async raise(tenant) {
      const name = tenant === null ? everybody : nameOf(tenant)
      const raised = await store.raiseEpoch(name)
      note(name, raised)
      return raised
    },
    onChange(change) {
      if (change.kind === 'epoch') note(change.name, change.value)
    },
    onGap() {
      gaps += 1
      readAt = Number.NEGATIVE_INFINITY
    },
  }
}

function withRaised(
  epochs: ReadonlyMap<string, number>,
  raised: Iterable<readonly [string, number]>,
): ReadonlyMap<string, number> {
  const all = new Map(epochs)
  for (const [name, value] of raised) all.set(name, Math.max(value, all.get(name) ?? 0))
  return all
}

/** Tenants are named by a digest: no name of a customer stands in the store in clear. */
function nameOf(tenant: string): string {
  return sha256Text(`tenant ${requireText('tenant', tenant)}`).slice(0, 22)
}
