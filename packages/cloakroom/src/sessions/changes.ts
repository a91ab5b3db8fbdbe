import type { Clock } from '../core/clock.ts'

/**
 * What happened to sessions. The step that does it tells every process in the same breath.
 *
 * Activity is not told: it changes nothing but how long a session may go on.
 */
export type SessionChange =
  | { readonly kind: 'ended'; readonly ids: readonly string[] }
  /** All sessions of an owner ended, known or not, but one. */
  | { readonly kind: 'owner-ended'; readonly owner: string; readonly exceptId: string | null }
  /** Data or token changed; the rights are what they were. */
  | { readonly kind: 'saved'; readonly id: string; readonly generation: number }
  /** Role, permissions or proofs changed, and with them the token. */
  | { readonly kind: 'rights'; readonly id: string; readonly generation: number }
  /** An epoch that is not bound to an owner was raised. */
  | { readonly kind: 'epoch'; readonly name: string; readonly value: number }

/** Told of changes. None of these may throw. */
export interface ChangeListener {
  onChange(change: SessionChange): void
  /** Changes may have been missed. What was read before this moment is not to be trusted. */
  onGap(): void
}

/** Changes being watched. */
export interface Watch {
  /**
   * Every change made before this instant has been told; no later one is promised. It moves on as
   * long as the messages are proven to arrive, and is minus infinity until they first are.
   */
  readonly provenAt: number
  close(): void
}

/** Watches changes. Instants are by the clock given. */
export type WatchChanges = (listener: ChangeListener, clock: Clock) => Watch

/** Without a proof this recent, changes may be passing unheard. */
const proofLastsMs = 1900

/** Whether every change but those of the last two seconds has been told. */
export function isProven(watch: Watch, now: number): boolean {
  const age = now - watch.provenAt
  return age >= 0 && age < proofLastsMs
}
