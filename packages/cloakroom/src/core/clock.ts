/** Where time comes from. Nothing in Cloakroom reads the time in any other way. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number
}

/** The machine's clock. */
export const systemClock: Clock = { now: () => Date.now() }

/**
 * Measures how long something takes, in fractions of a millisecond. The result gives what has passed
 * so far, whatever becomes of the machine's clock.
 */
export function startStopwatch(): () => number {
  const startedAt = performance.now()
  return () => performance.now() - startedAt
}

/** A clock that stands still until told otherwise, for tests. */
export interface ManualClock extends Clock {
  /** Moves the clock by this many milliseconds; negative numbers move it back. */
  advance(ms: number): void
}

/** Makes a {@link ManualClock}. @default startAt 2026-01-01T00:00:00Z */
export function createManualClock(startAt: number = Date.UTC(2026, 0, 1)): ManualClock {
  let current = startAt
  return {
    now: () => current,
    advance(ms) {
      current += ms
    },
  }
}
