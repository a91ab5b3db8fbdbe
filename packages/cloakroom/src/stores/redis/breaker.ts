import type { Clock } from '../../core/clock.ts'

/** Settings of a {@link Breaker}, all with values. */
export interface BreakerOptions {
  readonly clock: Clock
  /** How many failures in a row open it. */
  readonly failures: number
  /** How long it stays open at first. Each failed probe doubles this. */
  readonly retryMs: number
  readonly maxRetryMs: number
  /** Called when it opens (true) and when it closes (false). Must not throw. */
  readonly onChange: (isOpen: boolean) => void
}

/** Keeps callers away from a server that does not answer, and finds out when it does again. */
export interface Breaker {
  readonly isOpen: boolean
  /** Whether a call may be made. While open, one caller at a time is let through as a probe. */
  allows(): boolean
  /** A call was answered. */
  succeed(): void
  /** A call was not answered. True when it was the probe. */
  fail(): boolean
}

/** A server that answered this recently is not down, though others of its cluster may be. */
const recentMs = 100

/** Makes a {@link Breaker}. It holds no timer: time passes when it is asked. */
export function createBreaker(options: BreakerOptions): Breaker {
  const { clock, failures, retryMs, maxRetryMs, onChange } = options
  let failed = 0
  let answeredAt = Number.NEGATIVE_INFINITY
  let isOpen = false
  let isProbing = false
  let waitMs = retryMs
  let waitingSince = 0

  function wait(ms: number): void {
    isProbing = false
    waitMs = ms
    waitingSince = clock.now()
  }

  return {
    get isOpen() {
      return isOpen
    },
    allows() {
      if (!isOpen) return true
      if (isProbing) return false
      // A clock that was set back must not keep the breaker open until it catches up.
      const waited = clock.now() - waitingSince
      isProbing = waited < 0 || waited >= waitMs
      return isProbing
    },
    succeed() {
      failed = 0
      answeredAt = clock.now()
      if (!isOpen) return
      isOpen = false
      onChange(false)
    },
    fail() {
      if (isOpen) {
        // Calls made before it opened may still be failing; only the probe says something new.
        const isProbe = isProbing
        if (isProbe) wait(Math.min(waitMs * 2, maxRetryMs))
        return isProbe
      }
      failed += 1
      const quietMs = clock.now() - answeredAt
      if (failed < failures || (quietMs >= 0 && quietMs < recentMs)) return false
      isOpen = true
      wait(retryMs)
      onChange(true)
      return false
    },
  }
}
