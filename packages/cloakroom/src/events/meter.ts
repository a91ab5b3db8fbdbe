/** Something that is counted or timed and is no event: it happens too often, or concerns nobody. */
export type Measure =
  /** The store was asked for a session; the near cache counts for itself. The reason says why there is none. */
  | { readonly kind: 'validation'; readonly result: ValidationResult; readonly reason: string }
  /** Another request had changed the session meanwhile, so that a write was done again. */
  | { readonly kind: 'conflict' }
  /** A stored value could not be opened with the key that it names. */
  | { readonly kind: 'open-failure'; readonly reason: string; readonly keyId: string }
  /** A command of Redis came to its end. */
  | { readonly kind: 'command'; readonly outcome: CommandOutcome; readonly seconds: number }
  /** Redis is no longer asked for a while, or is again. */
  | { readonly kind: 'breaker'; readonly isOpen: boolean }

/** How asking for a session went. */
export type ValidationResult = 'valid' | 'absent' | 'unavailable'

/** How a command went: done, refused by Redis, or without an answer. */
export type CommandOutcome = 'ok' | 'refused' | 'failed'

/** Told of measures. What it throws is dropped. */
export type MeasureListener = (measure: Measure) => void

/** Passes measures on. Costs next to nothing while nobody listens. */
export interface Meter {
  /** Whether anybody listens: otherwise there is nothing to be measured. */
  readonly isHeard: boolean
  tell(measure: Measure): void
  /** Listens. The result ends it. */
  on(listener: MeasureListener): () => void
}

/** Makes a {@link Meter}. */
export function createMeter(): Meter {
  let listeners: readonly MeasureListener[] = []
  return {
    get isHeard() {
      return listeners.length > 0
    },
    tell(measure) {
      for (const listener of listeners) {
        try {
          listener(measure)
        } catch {
          // A number that is not counted must not break a request.
        }
      }
    },
    on(listener) {
      listeners = [...listeners, listener]
      return () => {
        listeners = listeners.filter(other => other !== listener)
      }
    },
  }
}
