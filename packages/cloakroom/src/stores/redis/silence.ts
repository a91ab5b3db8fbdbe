import type { Clock } from '../../core/clock.ts'

/** What a {@link Silence} goes by. */
export interface SilenceOptions {
  readonly clock: Clock
  /** How many calls must be without an answer. */
  readonly calls: number
  /** For how long after they were given up. */
  readonly patienceMs: number
}

/**
 * Finds out that a connection leads nowhere, although others of the same Cluster answer.
 *
 * A server that is merely slow answers in the end, in the order in which it was asked. One that hangs
 * or cannot be reached answers nothing of what it was asked.
 */
export interface Silence {
  /** A call was given up. True when the connection is to be replaced. */
  giveUp(): boolean
  /** A call that was given up has come to an end nevertheless. */
  end(): void
}

/** Makes a {@link Silence}. */
export function createSilence({ clock, calls, patienceMs }: SilenceOptions): Silence {
  let unanswered = 0
  let since = 0

  return {
    giveUp() {
      if (unanswered === 0) since = clock.now()
      unanswered += 1
      const isSilent = unanswered >= calls && clock.now() - since >= patienceMs
      if (isSilent) since = clock.now()
      return isSilent
    },
    end() {
      unanswered -= 1
      since = clock.now()
    },
  }
}
