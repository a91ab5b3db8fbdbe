import { setTimeout as delay } from 'node:timers/promises'
import { type Cloakroom, StoreError } from 'cloakroom'
import type { ManualClock } from 'cloakroom/testing'
import type { Data } from './kit.ts'

/** What the store is to suffer from, and how far time moves on. */
export interface Change {
  /** Each write takes this much longer, in milliseconds. */
  readonly delayMs?: number
  /** No answer to what reads, writes, or either. */
  readonly failing?: 'reads' | 'writes' | 'all' | 'none'
  readonly advanceMs?: number
}

/** What happened since the application began. */
export interface Report {
  /** Calls that reach the store. */
  readonly calls: number
  /** Reads that no copy in memory may answer. */
  readonly sensitive: number
  /** Calls under way. */
  readonly pending: number
  /** Types of the events. */
  readonly events: readonly string[]
}

const writes = ['create', 'save', 'rotate', 'update', 'renew', 'revoke', 'touch'] as const

/** Puts the sessions of an application into the hands of a test. */
export function controlSessions(
  { sessions, events }: Pick<Cloakroom<Data>, 'sessions' | 'events'>,
  clock: ManualClock,
): (change?: Change) => Report {
  const faults = { delayMs: 0, failing: 'none' }
  const seen: string[] = []
  let calls = 0
  let sensitive = 0
  let pending = 0
  events.on(event => seen.push(event.type))

  async function count<Result>(run: () => Promise<Result>, unchanged?: unknown): Promise<Result> {
    pending += 1
    try {
      const result = await run()
      // What is given back as it came never reached the store.
      if (result !== unchanged) calls += 1
      return result
    } finally {
      pending -= 1
    }
  }

  const { validate } = sessions
  const read = (token: string, options: { isSensitive?: boolean } = {}) =>
    count(async () => {
      if (options.isSensitive === true) sensitive += 1
      if (!['reads', 'all'].includes(faults.failing)) return validate(token, options)
      return { state: 'unavailable', error: unavailable() }
    })
  const controlled: Record<string, unknown> = { validate: read, recall: read }
  for (const name of writes) {
    const original = sessions[name] as (...args: unknown[]) => Promise<unknown>
    controlled[name] = (...args: unknown[]) =>
      count(async () => {
        if (['writes', 'all'].includes(faults.failing)) throw unavailable()
        const result = await original(...args)
        if (faults.delayMs > 0 && result !== args[0]) await delay(faults.delayMs)
        return result
      }, args[0])
  }
  Object.assign(sessions, controlled)

  return ({ advanceMs = 0, ...change } = {}) => {
    clock.advance(advanceMs)
    Object.assign(faults, change)
    return { calls, sensitive, pending, events: [...seen] }
  }
}

function unavailable(): StoreError {
  return new StoreError('ERR_STORE_UNAVAILABLE', 'The store was told not to answer.')
}
