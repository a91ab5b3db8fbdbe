import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
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

/** What the suite needs of a store. */
export interface CountersUnderTest {
  readonly name: string
  open(): Promise<{
    /** A store on empty ground that goes by this clock. */
    createStore(clock: ManualClock): CounterStore
    close(): Promise<void>
  }>
}

const strategies: readonly LimitStrategy[] = [
  'fixed-window',
  'sliding-window',
  'sliding-counter',
  'sliding-log',
  'token-bucket',
]

const minute = 60_000

/** The behaviour of counters, whatever store they are kept in. */
export function describeCounters(under: CountersUnderTest): void {
  describe(`CounterStore on ${under.name}`, () => {
    let ground: Awaited<ReturnType<CountersUnderTest['open']>>
    let clock: ManualClock
    let store: CounterStore
    let id: string

    const ruleOf = (options: Partial<LimitRuleOptions> = {}, name = 'rule'): LimitRule =>
      resolveRule(name, { limit: 5, window: minute, strategy: 'fixed-window', ...options })
    const checkOf = (rule: LimitRule, cost = 1): CounterCheck => ({ rule, id, cost })

    async function consume(
      rule: LimitRule,
      cost = 1,
      mode: ConsumeMode = 'charge',
    ): Promise<CounterVerdict> {
      return first(await store.consume([checkOf(rule, cost)], mode))
    }

    async function consumeTimes(rule: LimitRule, times: number): Promise<CounterVerdict> {
      const verdicts: CounterVerdict[] = []
      for (let count = 0; count < times; count += 1) verdicts.push(await consume(rule))
      return first(verdicts.slice(-1))
    }

    async function peek(rule: LimitRule, cost = 1): Promise<CounterVerdict> {
      return first(await store.peek([checkOf(rule, cost)]))
    }

    async function reserve(rule: LimitRule, cost = 1): Promise<Charge> {
      const { charge } = await consume(rule, cost, 'reserve')
      if (charge === null) throw new Error('Nothing was charged.')
      return charge
    }

    beforeAll(async () => {
      ground = await under.open()
    })
    afterAll(() => ground.close())
    beforeEach(() => {
      // Windows that follow the calendar begin here.
      clock = createManualClock(Date.UTC(2026, 0, 1))
      store = ground.createStore(clock)
      id = randomText(22)
    })

    describe('consume', () => {
      it.each(strategies)('passes exactly the limit of a %s', async strategy => {
        const rule = ruleOf({ strategy })
        const verdicts: CounterVerdict[] = []
        for (let count = 0; count < 7; count += 1) verdicts.push(await consume(rule))
        expect(verdicts.map(({ remaining }) => remaining)).toEqual([4, 3, 2, 1, 0, 0, 0])
        expect(verdicts.map(({ retryAfterMs }) => retryAfterMs === 0)).toEqual([
          true,
          true,
          true,
          true,
          true,
          false,
          false,
        ])
      })

      it.each(strategies)(
        'lets exactly the limit of 1000 calls at once pass a %s',
        async strategy => {
          const rule = ruleOf({ strategy })
          const calls = Array.from({ length: 1000 }, () => consume(rule))
          const passed = (await Promise.all(calls)).filter(verdict => verdict.retryAfterMs === 0)
          expect(passed).toHaveLength(5)
        },
      )

      it.each(strategies)('tells a true wait for a %s', async strategy => {
        const rule = ruleOf({ strategy })
        const { retryAfterMs } = await consumeTimes(rule, 6)
        clock.advance(retryAfterMs - 1)
        expect((await consume(rule)).retryAfterMs).toBe(1)
        clock.advance(1)
        expect((await consume(rule)).retryAfterMs).toBe(0)
      })

      it.each(strategies)('does not count what it refuses in a %s', async strategy => {
        const rule = ruleOf({ strategy })
        await consumeTimes(rule, 5)
        const { retryAfterMs } = await consume(rule)
        for (let count = 0; count < 20; count += 1) {
          expect((await consume(rule)).retryAfterMs).toBe(retryAfterMs)
        }
      })

      it.each(strategies)('tells when a %s is as good as new', async strategy => {
        const rule = ruleOf({ strategy })
        const { resetAfterMs } = await consumeTimes(rule, 5)
        clock.advance(resetAfterMs)
        expect(await peek(rule)).toMatchObject({ remaining: 5, resetAfterMs: 0 })
        expect((await consume(rule, 5)).retryAfterMs).toBe(0)
      })

      it.each(strategies)('never passes a cost above the limit of a %s', async strategy => {
        const rule = ruleOf({ strategy, block: minute })
        expect(await consume(rule, 6)).toMatchObject({
          retryAfterMs: -1,
          remaining: 5,
          blockedForMs: 0,
          charge: null,
        })
        expect((await consume(rule, 5)).retryAfterMs).toBe(0)
      })

      it.each(strategies)('passes nothing with a limit of 0 for a %s', async strategy => {
        const rule = ruleOf({ strategy, limit: 0 })
        expect(await consume(rule)).toMatchObject({ retryAfterMs: -1, remaining: 0 })
      })

      it('counts a cost of 0 as nothing', async () => {
        const rule = ruleOf({ limit: 1 })
        expect(await consume(rule, 0)).toMatchObject({
          retryAfterMs: 0,
          remaining: 1,
          charge: null,
        })
        expect((await consume(rule)).retryAfterMs).toBe(0)
        expect(await consume(rule, 0)).toMatchObject({ retryAfterMs: 0, remaining: 0 })
      })

      it('begins a fixed window with its first unit', async () => {
        const rule = ruleOf()
        clock.advance(minute - 1)
        expect((await consume(rule)).resetAfterMs).toBe(minute)
        clock.advance(minute - 10_000)
        expect((await consumeTimes(rule, 5)).retryAfterMs).toBe(10_000)
        clock.advance(10_000)
        expect((await consume(rule)).remaining).toBe(4)
      })

      it('forgets in a sliding log what was used exactly one window ago', async () => {
        const rule = ruleOf({ strategy: 'sliding-log', limit: 2 })
        await consume(rule)
        clock.advance(minute / 2)
        await consume(rule)
        clock.advance(minute / 2 - 1)
        expect((await consume(rule)).retryAfterMs).toBe(1)
        clock.advance(1)
        expect(await consume(rule)).toMatchObject({ retryAfterMs: 0, remaining: 0 })
      })

      it('keeps keys, rules and versions of a rule apart', async () => {
        const rule = ruleOf({ limit: 1 })
        await consume(rule)
        expect((await consume(ruleOf({ limit: 1 }, 'other'))).retryAfterMs).toBe(0)
        expect((await consume(ruleOf({ limit: 2 }))).remaining).toBe(1)
        id = randomText(22)
        expect((await consume(rule)).retryAfterMs).toBe(0)
      })

      it.each(strategies)('holds the limit of a %s when the clock is set back', async strategy => {
        const rule = ruleOf({ strategy })
        const { resetAfterMs } = await consumeTimes(rule, 5)
        clock.advance(-minute / 2)
        expect((await consume(rule)).retryAfterMs).toBeGreaterThan(0)
        clock.advance(minute / 2 + resetAfterMs)
        expect((await consume(rule, 5)).retryAfterMs).toBe(0)
      })
    })

    describe('consume with several rules', () => {
      it('charges all of them or none', async () => {
        const wide = ruleOf({ limit: 10 }, 'wide')
        const narrow = ruleOf({ limit: 1 }, 'narrow')
        const checks = [checkOf(narrow), checkOf(wide)]
        await store.consume(checks, 'charge')
        const [refused, spared] = await store.consume(checks, 'charge')
        expect(refused).toMatchObject({ retryAfterMs: minute, charge: null })
        expect(spared).toMatchObject({ retryAfterMs: 0, remaining: 9, charge: null })
        expect((await peek(wide)).remaining).toBe(9)
      })

      it('tells of each rule that refuses', async () => {
        const short = ruleOf({ limit: 1 }, 'short')
        const long = ruleOf({ limit: 1, window: '1h' }, 'long')
        const checks = [checkOf(short), checkOf(long)]
        await store.consume(checks, 'charge')
        const verdicts = await store.consume(checks, 'charge')
        expect(verdicts.map(({ retryAfterMs }) => retryAfterMs)).toEqual([minute, 60 * minute])
      })

      it('lets a rule in shadow refuse for itself only', async () => {
        const shadow = ruleOf({ limit: 1, isShadow: true }, 'shadow')
        const wide = ruleOf({}, 'wide')
        const checks = [checkOf(shadow), checkOf(wide)]
        await store.consume(checks, 'charge')
        const [refused, passed] = await store.consume(checks, 'charge')
        expect(refused).toMatchObject({ retryAfterMs: minute, charge: null })
        expect(passed).toMatchObject({ retryAfterMs: 0, remaining: 3 })
      })

      it('mixes strategies', async () => {
        const checks = strategies.map(strategy => checkOf(ruleOf({ strategy, limit: 2 }, strategy)))
        await store.consume(checks, 'charge')
        const verdicts = await store.consume(checks, 'charge')
        expect(verdicts.map(({ remaining }) => remaining)).toEqual([0, 0, 0, 0, 0])
        const refused = await store.consume(checks, 'charge')
        expect(refused.every(({ retryAfterMs }) => retryAfterMs > 0)).toBe(true)
      })
    })

    describe('peek', () => {
      it('says what consume would say and changes nothing', async () => {
        const rule = ruleOf({ limit: 2, block: minute })
        expect(await peek(rule)).toMatchObject({ remaining: 2, retryAfterMs: 0, charge: null })
        await consumeTimes(rule, 2)
        expect(await peek(rule)).toMatchObject({ remaining: 0, retryAfterMs: minute })
        expect(await peek(rule)).toMatchObject({ blockedForMs: 0, isBlockStart: false })
      })
    })

    describe('refund', () => {
      it.each(strategies)('gives units of a %s back', async strategy => {
        const rule = ruleOf({ strategy })
        await consume(rule)
        const before = await peek(rule)
        await store.refund([await reserve(rule, 3)])
        expect(await peek(rule)).toEqual(before)
      })

      it.each(strategies)('forgets a %s of which all is given back', async strategy => {
        const rule = ruleOf({ strategy })
        await store.refund([await reserve(rule, 2)])
        expect(await peek(rule)).toMatchObject({ remaining: 5, resetAfterMs: 0 })
      })

      it.each(strategies)('gives nothing back when counting in a %s began anew', async strategy => {
        const rule = ruleOf({ strategy })
        const charge = await reserve(rule, 3)
        await store.unblock(charge)
        clock.advance(1)
        await consume(rule, 4)
        await store.refund([charge])
        expect((await peek(rule)).remaining).toBe(1)
      })

      it.each(strategies)('gives nothing back of what a %s has forgotten', async strategy => {
        const rule = ruleOf({ strategy })
        const charge = await reserve(rule, 3)
        clock.advance(3 * minute)
        await consume(rule, 4)
        await store.refund([charge])
        expect((await peek(rule)).remaining).toBe(1)
      })

      it('gives units back to the window before in a sliding counter', async () => {
        const rule = ruleOf({ strategy: 'sliding-counter' })
        await consume(rule)
        const charge = await reserve(rule, 4)
        clock.advance(minute)
        expect((await peek(rule)).remaining).toBe(0)
        await store.refund([charge])
        expect((await peek(rule)).remaining).toBe(4)
      })

      it('gives only tokens back that have not come back by themselves', async () => {
        const rule = ruleOf({ strategy: 'token-bucket', limit: 6 })
        const charge = await reserve(rule, 3)
        clock.advance(2 * 10_000)
        await consume(rule, 3)
        await store.refund([charge])
        expect((await peek(rule)).remaining).toBe(3)
      })

      it('gives several charges back at once', async () => {
        const rules = strategies.map(strategy => ruleOf({ strategy }, strategy))
        const verdicts = await store.consume(
          rules.map(rule => checkOf(rule, 2)),
          'reserve',
        )
        await store.refund(verdicts.flatMap(({ charge }) => (charge === null ? [] : [charge])))
        for (const rule of rules) expect((await peek(rule)).remaining).toBe(5)
      })
    })

    describe('blocks', () => {
      it('begin with the first call too many, and end where they said', async () => {
        const rule = ruleOf({ limit: 2, block: '15m' })
        await consumeTimes(rule, 2)
        expect(await consume(rule)).toMatchObject({
          isBlockStart: true,
          blockedForMs: 15 * minute,
          retryAfterMs: 15 * minute,
          remaining: 0,
        })
        clock.advance(5 * minute)
        for (let count = 0; count < 3; count += 1) {
          expect(await consume(rule)).toMatchObject({
            isBlockStart: false,
            blockedForMs: 10 * minute,
            retryAfterMs: 10 * minute,
          })
        }
        clock.advance(10 * minute)
        expect(await consume(rule)).toMatchObject({
          remaining: 1,
          blockedForMs: 0,
          retryAfterMs: 0,
        })
      })

      it('let counting begin anew even when they are shorter than the window', async () => {
        const rule = ruleOf({ limit: 2, window: '1h', block: '1s' })
        await consumeTimes(rule, 3)
        clock.advance(1000)
        expect((await consume(rule)).remaining).toBe(1)
      })

      it('begin at the limit itself where a rule wants that', async () => {
        const rule = ruleOf({ limit: 2, block: { duration: '15m', at: 'limit' } })
        await consume(rule)
        expect(await consume(rule)).toMatchObject({
          retryAfterMs: 0,
          remaining: 0,
          isBlockStart: true,
          blockedForMs: 15 * minute,
        })
        expect(await consume(rule)).toMatchObject({
          retryAfterMs: 15 * minute,
          isBlockStart: false,
        })
      })

      it('begin when a cost is too high for what is left, also at the limit', async () => {
        const rule = ruleOf({ limit: 3, block: { duration: '15m', at: 'limit' } })
        await consume(rule, 2)
        expect(await consume(rule, 2)).toMatchObject({ isBlockStart: true, charge: null })
      })

      it('begin when a reserved unit is committed, not before', async () => {
        const rule = ruleOf({ limit: 2, block: { duration: '15m', at: 'limit' } })
        await consume(rule)
        const charge = await reserve(rule)
        expect(await consume(rule, 1, 'reserve')).toMatchObject({ blockedForMs: 0, remaining: 0 })
        expect(await store.commit([charge])).toEqual([15 * minute])
        expect(await store.commit([charge])).toEqual([0])
        expect((await consume(rule)).blockedForMs).toBe(15 * minute)
      })

      it('do not begin when less than the limit is committed', async () => {
        const rule = ruleOf({ limit: 3, block: { duration: '15m', at: 'limit' } })
        expect(await store.commit([await reserve(rule), await reserve(rule)])).toEqual([0, 0])
      })

      it('grow, are capped, and are forgotten in time', async () => {
        const block = { duration: '1m', factor: 3, max: '5m', decay: '1h' } as const
        const rule = ruleOf({ limit: 1, block })
        const lengths: number[] = []
        for (let count = 0; count < 4; count += 1) {
          const { blockedForMs } = await consumeTimes(rule, 2)
          lengths.push(blockedForMs / minute)
          clock.advance(blockedForMs)
        }
        expect(lengths).toEqual([1, 3, 5, 5])
        clock.advance(59 * minute)
        expect((await consumeTimes(rule, 2)).blockedForMs).toBe(5 * minute)
        clock.advance(65 * minute)
        expect((await consumeTimes(rule, 2)).blockedForMs).toBe(minute)
      })

      it('differ in length within the jitter', async () => {
        const rule = ruleOf({ limit: 1, block: { duration: '100s', jitter: 0.1 } })
        const lengths = new Set<number>()
        for (let count = 0; count < 30; count += 1) {
          const { blockedForMs } = await consumeTimes(rule, 2)
          expect(Math.abs(blockedForMs - 100_000)).toBeLessThanOrEqual(10_000)
          lengths.add(blockedForMs)
          clock.advance(blockedForMs + 1)
        }
        expect(lengths.size).toBeGreaterThan(10)
      })

      it('begin after so many violations within a period', async () => {
        const block = { duration: '15m', violations: 3, period: '2m' } as const
        const rule = ruleOf({ limit: 1, block })
        await consumeTimes(rule, 3)
        clock.advance(2 * minute)
        await consumeTimes(rule, 3)
        expect(await peek(rule)).toMatchObject({ blockedForMs: 0 })
        expect(await consume(rule)).toMatchObject({ isBlockStart: true, blockedForMs: 15 * minute })
        clock.advance(15 * minute)
        expect(await consumeTimes(rule, 2)).toMatchObject({ blockedForMs: 0 })
      })

      it('count violations and grow at once', async () => {
        const block = { duration: '1m', violations: 2, factor: 2 } as const
        const rule = ruleOf({ limit: 1, block })
        expect((await consumeTimes(rule, 3)).blockedForMs).toBe(minute)
        clock.advance(minute)
        expect((await consumeTimes(rule, 3)).blockedForMs).toBe(2 * minute)
      })

      it('begin anew with each attempt where a rule wants that', async () => {
        const rule = ruleOf({ limit: 1, block: { duration: '15m', isExtending: true } })
        await consumeTimes(rule, 2)
        clock.advance(10 * minute)
        expect((await peek(rule)).blockedForMs).toBe(5 * minute)
        expect(await consume(rule)).toMatchObject({
          blockedForMs: 15 * minute,
          retryAfterMs: 15 * minute,
          isBlockStart: false,
        })
        expect(await consume(rule, 2)).toMatchObject({ retryAfterMs: -1 })
      })

      it('of a rule in shadow are counted but refuse nobody else', async () => {
        const shadow = ruleOf({ limit: 1, block: '15m', isShadow: true }, 'shadow')
        const wide = ruleOf({}, 'wide')
        const checks = [checkOf(shadow), checkOf(wide)]
        await store.consume(checks, 'charge')
        await store.consume(checks, 'charge')
        const [blocked, passed] = await store.consume(checks, 'charge')
        expect(blocked).toMatchObject({ blockedForMs: 15 * minute })
        expect(passed).toMatchObject({ retryAfterMs: 0, remaining: 2 })
      })

      it('count the violations of several rules at once', async () => {
        const blocking = [1, 2].map(number => ruleOf({ limit: 1, block: '15m' }, `rule-${number}`))
        const checks = blocking.map(rule => checkOf(rule))
        await store.consume(checks, 'charge')
        const verdicts = await store.consume(checks, 'charge')
        expect(verdicts.map(({ isBlockStart }) => isBlockStart)).toEqual([true, true])
      })
    })

    describe('block', () => {
      it('blocks a key, and says why', async () => {
        const rule = ruleOf()
        await consumeTimes(rule, 3)
        await store.block(checkOf(rule), { durationMs: minute, reason: 'complaint' })
        expect(await store.findBlock(checkOf(rule))).toEqual({
          endsAfterMs: minute,
          level: 0,
          reason: 'complaint',
        })
        expect(await consume(rule)).toMatchObject({ blockedForMs: minute, retryAfterMs: minute })
        clock.advance(minute)
        expect(await store.findBlock(checkOf(rule))).toBeNull()
        expect((await consume(rule)).remaining).toBe(4)
      })

      it('blocks for good', async () => {
        const rule = ruleOf({ block: { duration: minute, isExtending: true } })
        await store.block(checkOf(rule), { durationMs: null, reason: 'limit' })
        clock.advance(1000 * 86_400_000)
        expect(await consume(rule)).toMatchObject({
          blockedForMs: -1,
          retryAfterMs: -1,
          resetAfterMs: -1,
        })
        expect(await store.findBlock(checkOf(rule))).toMatchObject({ endsAfterMs: null })
      })

      it('is not extended by attempts', async () => {
        const rule = ruleOf({ block: { duration: '15m', isExtending: true } })
        await store.block(checkOf(rule), { durationMs: minute, reason: 'complaint' })
        clock.advance(1000)
        expect((await consume(rule)).blockedForMs).toBe(59_000)
      })

      it('keeps any reason as it is', async () => {
        const rule = ruleOf()
        const reason = 'why: "ünïcode" {x}:*\n'
        await store.block(checkOf(rule), { durationMs: null, reason })
        expect(await store.findBlock(checkOf(rule))).toMatchObject({ reason })
      })
    })

    describe('unblock', () => {
      it('lifts a block and forgets what was counted', async () => {
        const rule = ruleOf({ limit: 1, block: { duration: '15m', factor: 2, violations: 2 } })
        await consumeTimes(rule, 3)
        expect(await store.unblock(checkOf(rule))).toBe(true)
        expect(await store.findBlock(checkOf(rule))).toBeNull()
        expect(await consumeTimes(rule, 3)).toMatchObject({ blockedForMs: 15 * minute })
      })

      it('says when there was nothing to lift', async () => {
        const rule = ruleOf({ limit: 1, block: '15m' })
        expect(await store.unblock(checkOf(rule))).toBe(false)
        await consumeTimes(rule, 2)
        clock.advance(15 * minute)
        expect(await store.unblock(checkOf(rule))).toBe(false)
      })
    })

    describe('listBlocks', () => {
      async function listAll(count: number): Promise<string[]> {
        const names: string[] = []
        let cursor: string | null = null
        do {
          const page = await store.listBlocks(cursor, count)
          names.push(...page.blocks.map(block => `${block.rule.name} ${block.id} ${block.reason}`))
          cursor = page.cursor
        } while (cursor !== null)
        return [...new Set(names)].sort()
      }

      it('lists the blocks of all rules page by page', async () => {
        const rule = ruleOf({ limit: 1, block: '15m' })
        await consumeTimes(rule, 2)
        const byHand = ruleOf({}, 'other')
        const expected = [`rule ${id} limit`]
        for (let count = 0; count < 5; count += 1) {
          id = randomText(22)
          await store.block(checkOf(byHand), { durationMs: null, reason: 'complaint' })
          expected.push(`other ${id} complaint`)
        }
        expect(await listAll(2)).toEqual(expected.sort())
        expect(await listAll(100)).toEqual(expected.sort())
      })

      it('lists blocks that began at the limit', async () => {
        const rule = ruleOf({ limit: 1, block: { duration: '15m', at: 'limit' } })
        await store.commit([await reserve(rule)])
        expect(await listAll(10)).toEqual([`rule ${id} limit`])
      })

      it('leaves out blocks that are over or lifted', async () => {
        const rule = ruleOf({ limit: 1, block: '15m' })
        await consumeTimes(rule, 2)
        id = randomText(22)
        await store.block(checkOf(rule), { durationMs: null, reason: 'complaint' })
        clock.advance(15 * minute)
        expect(await listAll(10)).toEqual([`rule ${id} complaint`])
        await store.unblock(checkOf(rule))
        expect(await listAll(10)).toEqual([])
      })

      it('describes a block so that it can be lifted', async () => {
        const rule = ruleOf({ limit: 1, block: '15m' })
        await consumeTimes(rule, 2)
        const { blocks } = await store.listBlocks(null, 10)
        expect(blocks).toEqual([
          {
            rule: { name: 'rule', version: rule.version },
            id,
            endsAfterMs: 15 * minute,
            level: 0,
            reason: 'limit',
          },
        ])
        for (const block of blocks) expect(await store.unblock(block)).toBe(true)
        expect((await consume(rule)).retryAfterMs).toBe(0)
      })
    })
  })
}

function first<Item>(items: readonly Item[]): Item {
  const [item] = items
  if (item === undefined) throw new Error('There is none.')
  return item
}
