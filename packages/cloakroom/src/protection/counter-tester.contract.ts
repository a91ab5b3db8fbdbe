import { createManualClock, type ManualClock } from '../core/clock.ts'
import { randomText } from '../core/random.ts'
import type {
  Charge,
  ConsumeMode,
  CounterCheck,
  CounterStore,
  CounterVerdict,
} from './counter-store.ts'
import { type LimitRule, type LimitRuleOptions, type LimitStrategy, resolveRule } from './rules.ts'

export const strategies: readonly LimitStrategy[] = [
  'fixed-window',
  'sliding-window',
  'sliding-counter',
  'sliding-log',
  'token-bucket',
]

export const minute = 60_000

/** Asks a store on behalf of one key. */
export interface CounterTester {
  readonly clock: ManualClock
  readonly store: CounterStore
  /** The key that is counted. */
  id: string
  /** Takes a new store and a new key. */
  begin(createStore: (clock: ManualClock) => CounterStore): void
  /** A rule that allows 5 units in a fixed window of a minute, unless told otherwise. */
  ruleOf(options?: Partial<LimitRuleOptions>, name?: string): LimitRule
  checkOf(rule: LimitRule, cost?: number): CounterCheck
  consume(rule: LimitRule, cost?: number, mode?: ConsumeMode): Promise<CounterVerdict>
  /** What the last of several calls is told. */
  consumeTimes(rule: LimitRule, times: number): Promise<CounterVerdict>
  peek(rule: LimitRule, cost?: number): Promise<CounterVerdict>
  reserve(rule: LimitRule, cost?: number): Promise<Charge>
}

/** Makes a {@link CounterTester}, to be begun before each test. */
export function createCounterTester(): CounterTester {
  let clock: ManualClock
  let store: CounterStore

  const tester: CounterTester = {
    get clock() {
      return clock
    },
    get store() {
      return store
    },
    id: '',
    begin(createStore) {
      // Windows that follow the calendar begin here.
      clock = createManualClock(Date.UTC(2026, 0, 1))
      store = createStore(clock)
      tester.id = randomText(22)
    },
    ruleOf: (options = {}, name = 'rule') =>
      resolveRule(name, { limit: 5, window: minute, strategy: 'fixed-window', ...options }),
    checkOf: (rule, cost = 1) => ({ rule, id: tester.id, cost }),
    consume: async (rule, cost = 1, mode = 'charge') =>
      first(await store.consume([tester.checkOf(rule, cost)], mode)),
    async consumeTimes(rule, times) {
      const verdicts: CounterVerdict[] = []
      for (let count = 0; count < times; count += 1) verdicts.push(await tester.consume(rule))
      return first(verdicts.slice(-1))
    },
    peek: async (rule, cost = 1) => first(await store.peek([tester.checkOf(rule, cost)])),
    async reserve(rule, cost = 1) {
      const { charge } = await tester.consume(rule, cost, 'reserve')
      if (charge === null) throw new Error('Nothing was charged.')
      return charge
    },
  }
  return tester
}

/** The first of several. */
export function first<Item>(items: readonly Item[]): Item {
  const [item] = items
  if (item === undefined) throw new Error('There is none.')
  return item
}
