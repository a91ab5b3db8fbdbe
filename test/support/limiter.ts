import { createManualClock, type ManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import type { SecurityEvent } from '../../packages/cloakroom/src/events/event.ts'
import type { CounterStore } from '../../packages/cloakroom/src/protection/counter-store.ts'
import type { DefaultRuleName } from '../../packages/cloakroom/src/protection/default-rules.ts'
import {
  createRateLimiter,
  type RateLimiter,
  type RateLimiterOptions,
} from '../../packages/cloakroom/src/protection/rate-limiter.ts'
import type { LimitRuleOptions } from '../../packages/cloakroom/src/protection/rules.ts'
import { createMemoryCounters } from '../../packages/cloakroom/src/stores/memory/counters.ts'

const minute = 60_000

/** Rules to test limiters with. */
export const limiterRules = {
  tight: { limit: 2, window: minute, strategy: 'fixed-window', block: '15m' },
  wide: { limit: 10, window: minute, strategy: 'fixed-window' },
  shadow: { limit: 1, window: minute, strategy: 'fixed-window', block: '15m', isShadow: true },
  failures: {
    limit: 2,
    window: minute,
    strategy: 'fixed-window',
    block: { duration: '15m', at: 'limit' },
  },
} as const satisfies Record<string, LimitRuleOptions>

type RuleName = keyof typeof limiterRules

/** What a test of a limiter works with. */
export interface LimiterGround {
  readonly clock: ManualClock
  readonly store: CounterStore
  readonly events: SecurityEvent[]
  /** Makes a limiter on the store, with {@link limiterRules}. */
  limiterWith(
    options?: Partial<RateLimiterOptions<RuleName>>,
  ): RateLimiter<RuleName | DefaultRuleName>
}

/** Makes counters in memory that go by a clock which stands still. */
export function openLimiterGround(): LimiterGround {
  const clock = createManualClock()
  const store = createMemoryCounters({ clock })
  const events: SecurityEvent[] = []
  return {
    clock,
    store,
    events,
    limiterWith: (options = {}) =>
      createRateLimiter<RuleName>({
        store,
        local: createMemoryCounters({ clock }),
        secret: new Uint8Array(32).fill(7),
        rules: limiterRules,
        events: { emit: event => events.push(event) },
        ...options,
      }),
  }
}
