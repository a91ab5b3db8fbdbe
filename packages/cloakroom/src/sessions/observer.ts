import type { Clock } from '../core/clock.ts'
import { type ChangeListener, isProven, type SessionChange, type Watch } from './changes.ts'
import type { SessionStore } from './store.ts'

/** Passes on what happens to sessions, wherever it happens, to the parts of one manager. */
export interface Observer {
  /** Listeners are told in the order in which they came. */
  add(listener: ChangeListener): void
  /** Begins to watch what other processes change, where the store can tell. Once is enough. */
  start(): void
  /** Whether all changes have been heard, but for those of the last two seconds. */
  isProven(now: number): boolean
  /** Tells that nothing read before is to be trusted. */
  tellGap(): void
  /** Tells what this process changed, without waiting for the store to tell it. */
  tell(change: SessionChange): void
  close(): void
}

/** Makes an {@link Observer}. */
export function createObserver(store: SessionStore, clock: Clock): Observer {
  const listeners: ChangeListener[] = []
  let watch: Watch | undefined

  function tell(change: SessionChange): void {
    for (const listener of listeners) listener.onChange(change)
  }

  function tellGap(): void {
    for (const listener of listeners) listener.onGap()
  }

  return {
    add: listener => listeners.push(listener),
    start() {
      watch ??= store.watch?.({ onChange: tell, onGap: tellGap }, clock)
    },
    isProven: now => watch !== undefined && isProven(watch, now),
    tell,
    tellGap,
    close() {
      watch?.close()
      watch = undefined
    },
  }
}
