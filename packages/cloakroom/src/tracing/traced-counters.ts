import type { CounterStore } from '../protection/counter-store.ts'
import type { Tracing } from './tracing.ts'

/** The same counters, with a span for each call that a limit judges. */
export function traceCounters(counters: CounterStore, tracing: Tracing): CounterStore {
  return {
    ...counters,
    consume: (checks, mode) =>
      tracing.span('cloakroom.limit', {
        attributes: { 'cloakroom.rules': checks.map(check => check.rule.name).join(' ') },
        run: () => counters.consume(checks, mode),
        describe: verdicts => ({
          'cloakroom.allowed': verdicts.every(
            ({ check, retryAfterMs }) => retryAfterMs === 0 || check.rule.isShadow,
          ),
        }),
      }),
  }
}
