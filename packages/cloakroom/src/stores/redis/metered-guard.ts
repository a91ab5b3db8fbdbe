import { startStopwatch } from '../../core/clock.ts'
import { StoreError } from '../../core/errors.ts'
import type { CommandOutcome, Meter } from '../../events/meter.ts'
import type { Guard } from './guard.ts'

/** The same guard, which also says how long each command took and how it went. */
export function meterGuard(guard: Guard, meter: Meter): Guard {
  return {
    run(send, canRetry) {
      if (!meter.isHeard) return guard.run(send, canRetry)
      const elapsedMs = startStopwatch()
      const tell = (outcome: CommandOutcome): void =>
        meter.tell({ kind: 'command', outcome, seconds: elapsedMs() / 1000 })
      return guard.run(send, canRetry).then(
        reply => {
          tell('ok')
          return reply
        },
        (error: unknown) => {
          const isRefusal = error instanceof StoreError && error.code === 'ERR_STORE_REPLY'
          tell(isRefusal ? 'refused' : 'failed')
          throw error
        },
      )
    },
  }
}
