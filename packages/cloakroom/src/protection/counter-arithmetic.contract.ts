import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Clock } from '../core/clock.ts'
import type { CounterCheck, CounterStore, CounterVerdict } from './counter-store.ts'
import { type LimitRule, type LimitRuleOptions, type LimitStrategy, resolveRule } from './rules.ts'

/** What the suite needs of a store. */
export interface ArithmeticUnderTest {
  readonly name: string
  /** How many calls are compared for each strategy. */
  readonly cases: number
  readonly windowsMs: readonly number[]
  /**
   * Leaves out calls so shortly before a fixed window ends, for stores whose keys end by real time,
   * which passes while the clock of the test stands still.
   */
  readonly skipUs: number
  open(): Promise<{ createStore(clock: Clock): CounterStore; close(): Promise<void> }>
}

/** Units that were used, at a time in microseconds. */
interface Use {
  readonly at: number
  readonly cost: number
}

interface Plan {
  readonly limit: number
  readonly windowMs: number
  readonly buckets: number
  readonly burst: number
}

/** Whether `cost` fits at a time after these uses, found by looking at all of them. */
type Model = (plan: Plan, uses: readonly Use[], cost: number, now: number) => boolean

const models: Readonly<Record<LimitStrategy, Model>> = {
  'fixed-window'({ limit, windowMs }, uses, cost, now) {
    let endsAt = Number.NEGATIVE_INFINITY
    let used = 0
    for (const use of [...uses, { at: now, cost: 0 }]) {
      if (use.at >= endsAt) {
        used = 0
        endsAt = use.at + windowMs * 1000
      }
      used += use.cost
    }
    return used + cost <= limit
  },
  'sliding-window'({ limit, windowMs, buckets }, uses, cost, now) {
    const length = Math.ceil((windowMs * 1000) / buckets)
    const oldest = Math.floor(now / length) - buckets
    return sumOf(uses, at => Math.floor(at / length) >= oldest) + cost <= limit
  },
  'sliding-log'({ limit, windowMs }, uses, cost, now) {
    return sumOf(uses, at => at > now - windowMs * 1000) + cost <= limit
  },
  'sliding-counter'({ limit, windowMs }, uses, cost, now) {
    const length = windowMs * 1000
    const window = Math.floor(now / length)
    const current = sumOf(uses, at => Math.floor(at / length) === window)
    const previous = sumOf(uses, at => Math.floor(at / length) === window - 1)
    const left = (window + 1) * length - now
    return previous * left + (current + cost) * length <= limit * length
  },
  // Tokens times the window, so that `limit` of these come back in each microsecond.
  'token-bucket'({ limit, windowMs, burst }, uses, cost, now) {
    const length = windowMs * 1000
    let level = burst * length
    let last = uses[0]?.at ?? now
    for (const use of [...uses, { at: now, cost }]) {
      level = Math.min(burst * length, level + (use.at - last) * limit) - use.cost * length
      last = use.at
    }
    return level >= 0
  },
}

const strategies = Object.keys(models) as LimitStrategy[]

function sumOf(uses: readonly Use[], counts: (at: number) => boolean): number {
  return uses.filter(use => counts(use.at)).reduce((sum, use) => sum + use.cost, 0)
}

/** What the model expects of one call; waits in microseconds. */
interface Expected {
  readonly remaining: number
  readonly waitUs: number
  readonly resetUs: number
}

interface Step {
  /** How far to go, as a part of the window; or to the moment the last refusal was told, give or take. */
  readonly move: { readonly part: number } | { readonly edge: -1 | 0 | 1 }
  readonly cost: number
}

const step: fc.Arbitrary<Step> = fc.record({
  move: fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 0, max: 200 }).map(part => ({ part: part / 1000 })) },
    {
      weight: 1,
      arbitrary: fc.integer({ min: 0, max: 2500 }).map(part => ({ part: part / 1000 })),
    },
    { weight: 1, arbitrary: fc.constantFrom({ part: 0 }, { part: 0.0123457 }) },
    { weight: 3, arbitrary: fc.constantFrom<Step['move']>({ edge: -1 }, { edge: 0 }, { edge: 1 }) },
  ),
  cost: fc.oneof(
    { weight: 4, arbitrary: fc.constant(1) },
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 13 }) },
  ),
})

const stepsPerRun = 50

/** Compares each strategy of a store with a model that remembers everything. */
export function describeArithmetic(under: ArithmeticUnderTest): void {
  describe(`counting on ${under.name}`, () => {
    let ground: Awaited<ReturnType<ArithmeticUnderTest['open']>>

    beforeAll(async () => {
      ground = await under.open()
    })
    afterAll(() => ground.close())

    it.each(strategies)('agrees with a model of %s', async strategy => {
      const time = { us: 1_750_000_000_000_000 }
      const store = ground.createStore({ now: () => time.us / 1000 })
      const plan = fc.record({
        limit: fc.integer({ min: 1, max: 12 }),
        windowMs: fc.constantFrom(...under.windowsMs),
        buckets: fc.constantFrom(1, 2, 7, 10),
        burst: fc.integer({ min: 1, max: 15 }),
      })
      let run = 0
      const property = fc.asyncProperty(
        plan,
        fc.array(step, { minLength: stepsPerRun, maxLength: stepsPerRun }),
        async (chosen, steps) => {
          run += 1
          const rule = resolveRule('rule', optionsOf(strategy, chosen))
          const skipUs = strategy === 'fixed-window' ? under.skipUs : 0
          const game = { store, time, strategy, plan: chosen, rule, run, skipUs }
          const { asked, expected } = play(steps, game)
          expect(summarize(await asked)).toEqual(expected)
        },
      )
      await fc.assert(property, { numRuns: under.cases / stepsPerRun, endOnFailure: true })
    })
  })
}

interface Play {
  readonly store: CounterStore
  readonly time: { us: number }
  readonly strategy: LimitStrategy
  readonly plan: Plan
  readonly rule: LimitRule
  readonly run: number
  readonly skipUs: number
}

/** Makes all calls at once, so that a store behind a network gets them in one go. */
function play(steps: readonly Step[], game: Play) {
  const { store, time, strategy, plan, rule, run, skipUs } = game
  const length = plan.windowMs * 1000
  const id = `run-${run}`
  const uses: Use[] = []
  const asked: Promise<readonly CounterVerdict[]>[] = []
  const expected: object[] = []
  let told = 0
  for (const { move, cost } of steps) {
    const edge = 'edge' in move ? told + move.edge : 0
    const ahead = 'part' in move ? Math.floor(length * move.part) : 0
    time.us = Math.max(time.us + ahead, edge)
    const fits = (units: number, at: number) => models[strategy](plan, uses, units, at)
    const leftUs = firstFit(time.us, at => fits(rule.limit, at))
    if (leftUs < skipUs) time.us += leftUs
    const before = expectationOf(rule.limit, cost, time.us, fits)
    if (before.waitUs > 0) told = time.us + before.waitUs
    const check: CounterCheck = { rule, id, cost }
    asked.push(store.consume([check], 'charge'))
    if (before.waitUs === 0) uses.push({ at: time.us, cost })
    const after = before.waitUs === 0 ? expectationOf(rule.limit, cost, time.us, fits) : before
    expected.push({
      remaining: after.remaining,
      retryAfterMs: before.waitUs < 0 ? -1 : Math.ceil(before.waitUs / 1000),
      resetAfterMs: Math.ceil(after.resetUs / 1000),
    })
  }
  return { asked: Promise.all(asked), expected }
}

function expectationOf(
  limit: number,
  cost: number,
  now: number,
  fits: (units: number, at: number) => boolean,
): Expected {
  const waitUs = cost > limit ? -1 : firstFit(now, at => fits(cost, at))
  let remaining = limit
  while (remaining > 0 && !fits(remaining, now)) remaining -= 1
  return { remaining, waitUs, resetUs: firstFit(now, at => fits(limit, at)) }
}

/** The least wait after which it fits. Once it does, it goes on to. */
function firstFit(now: number, fits: (at: number) => boolean): number {
  if (fits(now)) return 0
  let tooShort = 0
  let enough = 1
  while (!fits(now + enough)) enough *= 2
  while (enough - tooShort > 1) {
    const middle = Math.floor((tooShort + enough) / 2)
    if (fits(now + middle)) enough = middle
    else tooShort = middle
  }
  return enough
}

function optionsOf(strategy: LimitStrategy, plan: Plan): LimitRuleOptions {
  const { limit, windowMs, buckets, burst } = plan
  const options = { strategy, limit, window: `${windowMs}ms` } as const
  if (strategy === 'sliding-window') return { ...options, buckets }
  return strategy === 'token-bucket' ? { ...options, burst } : options
}

function summarize(verdicts: readonly (readonly CounterVerdict[])[]): readonly object[] {
  return verdicts.flat().map(({ remaining, retryAfterMs, resetAfterMs }) => ({
    remaining,
    retryAfterMs,
    resetAfterMs,
  }))
}
