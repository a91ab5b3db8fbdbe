import type { Clock } from '../core/clock.ts'
import { ConfigError } from '../core/errors.ts'
import type { ChangeListener } from './changes.ts'
import type { SessionMeta } from './content.ts'
import { type EpochNames, requireAddress } from './epoch-names.ts'
import type { SessionStore } from './store.ts'

/** Whose sessions end together, without a look at any of them. */
export type SharedScope =
  | { readonly tenant: string }
  /** Sessions that began at this address, or in its network, as `addressKey` counts them. */
  | { readonly address: string }
  | { readonly all: true }

/**
 * Epochs of tenants, of addresses and of everybody, held in this process. They are pushed where
 * changes are heard, and read again when they are old or when changes may have been missed.
 */
export interface Epochs extends ChangeListener {
  /** Whether the copy is young enough to go by. */
  isFresh(): boolean
  /** Reads them again unless they are fresh. */
  refresh(): Promise<void>
  /** The epochs to write into a new session. */
  of(
    about: Pick<SessionMeta, 'tenant' | 'ip'>,
  ): Pick<SessionMeta, 'tenantEpoch' | 'globalEpoch' | 'addressEpoch'>
  /** Whether a session was made before one of its epochs was raised. */
  isOutdated(meta: SessionMeta): boolean
  /** Ends all sessions of a scope. @throws {ConfigError} when it names nobody. */
  raise(scope: SharedScope): Promise<void>
}

/** What {@link createEpochs} needs. */
export interface EpochsOptions {
  readonly store: SessionStore
  readonly clock: Clock
  readonly names: EpochNames
  /** How old this process's copy may be. */
  readonly intervalMs: number
}

/** Makes {@link Epochs}. */
export function createEpochs({ store, clock, names, intervalMs }: EpochsOptions): Epochs {
  let known: ReadonlyMap<string, number> = new Map()
  /** Rarely true: sessions are asked for their address only then. */
  let hasAddresses = false
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
      hold(withRaised(await store.readEpochs(), raisedMeanwhile))
      if (gaps === gapsBefore) readAt = askedAt
    } finally {
      reading = null
    }
  }

  function hold(epochs: ReadonlyMap<string, number>): void {
    known = epochs
    hasAddresses = [...epochs.keys()].some(names.isAddress)
  }

  function note(name: string, value: number): void {
    hold(withRaised(known, [[name, value]]))
    raisedMeanwhile.set(name, value)
  }

  const epochOf = (name: string): number => known.get(name) ?? 0
  const epochOfTenant = (tenant: string | null): number =>
    tenant === null ? 0 : epochOf(names.of(tenant))
  const epochOfAddress = (ip: string | null): number =>
    ip === null || !hasAddresses ? 0 : Math.max(...names.ofAddress(ip).map(epochOf))

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
    of: ({ tenant, ip }) => ({
      tenantEpoch: epochOfTenant(tenant),
      globalEpoch: epochOf(names.everybody),
      addressEpoch: epochOfAddress(ip),
    }),
    isOutdated: meta =>
      meta.globalEpoch < epochOf(names.everybody) ||
      meta.tenantEpoch < epochOfTenant(meta.tenant) ||
      meta.addressEpoch < epochOfAddress(meta.ip),
    async raise(scope) {
      const name = nameOf(scope, names)
      note(name, await store.raiseEpoch(name))
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

function nameOf(scope: SharedScope, names: EpochNames): string {
  if ('tenant' in scope) return names.of(scope.tenant)
  if ('address' in scope) {
    const [newest = ''] = names.ofAddress(requireAddress('address', scope.address))
    return newest
  }
  if (scope.all === true) return names.everybody
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    'The scope of an epoch is `{ user }`, `{ tenant }`, `{ address }` or `{ all: true }`. Pass one of them.',
  )
}
