import { describe, expect, it } from 'vitest'
import { randomText } from '../core/random.ts'
import type { CounterVerdict } from './counter-store.ts'
import { type CounterTester, minute, strategies } from './counter-tester.contract.ts'

/** How units are counted and given back. */
export function describeCharges(tester: CounterTester): void {
  const { checkOf, consume, consumeTimes, peek, reserve, ruleOf } = tester

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
      tester.clock.advance(retryAfterMs - 1)
      expect((await consume(rule)).retryAfterMs).toBe(1)
      tester.clock.advance(1)
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
      tester.clock.advance(resetAfterMs)
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
      tester.clock.advance(minute - 1)
      expect((await consume(rule)).resetAfterMs).toBe(minute)
      tester.clock.advance(minute - 10_000)
      expect((await consumeTimes(rule, 5)).retryAfterMs).toBe(10_000)
      tester.clock.advance(10_000)
      expect((await consume(rule)).remaining).toBe(4)
    })

    it('forgets in a sliding log what was used exactly one window ago', async () => {
      const rule = ruleOf({ strategy: 'sliding-log', limit: 2 })
      await consume(rule)
      tester.clock.advance(minute / 2)
      await consume(rule)
      tester.clock.advance(minute / 2 - 1)
      expect((await consume(rule)).retryAfterMs).toBe(1)
      tester.clock.advance(1)
      expect(await consume(rule)).toMatchObject({ retryAfterMs: 0, remaining: 0 })
    })

    it('keeps keys, rules and versions of a rule apart', async () => {
      const rule = ruleOf({ limit: 1 })
      await consume(rule)
      expect((await consume(ruleOf({ limit: 1 }, 'other'))).retryAfterMs).toBe(0)
      expect((await consume(ruleOf({ limit: 2 }))).remaining).toBe(1)
      tester.id = randomText(22)
      expect((await consume(rule)).retryAfterMs).toBe(0)
    })

    it.each(strategies)('holds the limit of a %s when the clock is set back', async strategy => {
      const rule = ruleOf({ strategy })
      const { resetAfterMs } = await consumeTimes(rule, 5)
      tester.clock.advance(-minute / 2)
      expect((await consume(rule)).retryAfterMs).toBeGreaterThan(0)
      tester.clock.advance(minute / 2 + resetAfterMs)
      expect((await consume(rule, 5)).retryAfterMs).toBe(0)
    })
  })

  describe('consume with several rules', () => {
    it('charges all of them or none', async () => {
      const wide = ruleOf({ limit: 10 }, 'wide')
      const narrow = ruleOf({ limit: 1 }, 'narrow')
      const checks = [checkOf(narrow), checkOf(wide)]
      await tester.store.consume(checks, 'charge')
      const [refused, spared] = await tester.store.consume(checks, 'charge')
      expect(refused).toMatchObject({ retryAfterMs: minute, charge: null })
      expect(spared).toMatchObject({ retryAfterMs: 0, remaining: 9, charge: null })
      expect((await peek(wide)).remaining).toBe(9)
    })

    it('tells of each rule that refuses', async () => {
      const short = ruleOf({ limit: 1 }, 'short')
      const long = ruleOf({ limit: 1, window: '1h' }, 'long')
      const checks = [checkOf(short), checkOf(long)]
      await tester.store.consume(checks, 'charge')
      const verdicts = await tester.store.consume(checks, 'charge')
      expect(verdicts.map(({ retryAfterMs }) => retryAfterMs)).toEqual([minute, 60 * minute])
    })

    it('lets a rule in shadow refuse for itself only', async () => {
      const shadow = ruleOf({ limit: 1, isShadow: true }, 'shadow')
      const wide = ruleOf({}, 'wide')
      const checks = [checkOf(shadow), checkOf(wide)]
      await tester.store.consume(checks, 'charge')
      const [refused, passed] = await tester.store.consume(checks, 'charge')
      expect(refused).toMatchObject({ retryAfterMs: minute, charge: null })
      expect(passed).toMatchObject({ retryAfterMs: 0, remaining: 3 })
    })

    it('passes what names no rule', async () => {
      expect(await tester.store.consume([], 'charge')).toEqual([])
    })

    it('mixes strategies', async () => {
      const checks = strategies.map(strategy => checkOf(ruleOf({ strategy, limit: 2 }, strategy)))
      await tester.store.consume(checks, 'charge')
      const verdicts = await tester.store.consume(checks, 'charge')
      expect(verdicts.map(({ remaining }) => remaining)).toEqual([0, 0, 0, 0, 0])
      const refused = await tester.store.consume(checks, 'charge')
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
      await tester.store.refund([await reserve(rule, 3)])
      expect(await peek(rule)).toEqual(before)
    })

    it.each(strategies)('forgets a %s of which all is given back', async strategy => {
      const rule = ruleOf({ strategy })
      await tester.store.refund([await reserve(rule, 2)])
      expect(await peek(rule)).toMatchObject({ remaining: 5, resetAfterMs: 0 })
    })

    it.each(strategies)('gives nothing back when counting in a %s began anew', async strategy => {
      const rule = ruleOf({ strategy })
      const charge = await reserve(rule, 3)
      await tester.store.unblock(charge)
      tester.clock.advance(1)
      await consume(rule, 4)
      await tester.store.refund([charge])
      expect((await peek(rule)).remaining).toBe(1)
    })

    it.each(strategies)('gives nothing back of what a %s has forgotten', async strategy => {
      const rule = ruleOf({ strategy })
      const charge = await reserve(rule, 3)
      tester.clock.advance(3 * minute)
      await consume(rule, 4)
      await tester.store.refund([charge])
      expect((await peek(rule)).remaining).toBe(1)
    })

    it.each(strategies)('lets nobody past a block that began in a %s meanwhile', async strategy => {
      const rule = ruleOf({ strategy })
      const charge = await reserve(rule, 3)
      await tester.store.block(charge, { durationMs: minute, reason: 'complaint' })
      await tester.store.refund([charge])
      expect(await consume(rule)).toMatchObject({ blockedForMs: minute, retryAfterMs: minute })
    })

    it('gives units back to the window before in a sliding counter', async () => {
      const rule = ruleOf({ strategy: 'sliding-counter' })
      await consume(rule)
      const charge = await reserve(rule, 4)
      tester.clock.advance(minute)
      expect((await peek(rule)).remaining).toBe(0)
      await tester.store.refund([charge])
      expect((await peek(rule)).remaining).toBe(4)
    })

    it('gives only tokens back that have not come back by themselves', async () => {
      const rule = ruleOf({ strategy: 'token-bucket', limit: 6 })
      const charge = await reserve(rule, 3)
      tester.clock.advance(2 * 10_000)
      await consume(rule, 3)
      await tester.store.refund([charge])
      expect((await peek(rule)).remaining).toBe(3)
    })

    it('gives several charges back at once', async () => {
      const rules = strategies.map(strategy => ruleOf({ strategy }, strategy))
      const verdicts = await tester.store.consume(
        rules.map(rule => checkOf(rule, 2)),
        'reserve',
      )
      await tester.store.refund(verdicts.flatMap(({ charge }) => (charge === null ? [] : [charge])))
      for (const rule of rules) expect((await peek(rule)).remaining).toBe(5)
    })
  })
}
