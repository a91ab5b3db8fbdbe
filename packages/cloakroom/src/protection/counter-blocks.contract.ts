import { describe, expect, it } from 'vitest'
import { randomText } from '../core/random.ts'
import { type CounterTester, first, minute } from './counter-tester.contract.ts'

/** How blocks begin, end and are listed. */
export function describeBlocks(tester: CounterTester): void {
  const { checkOf, consume, consumeTimes, peek, reserve, ruleOf } = tester

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
      tester.clock.advance(5 * minute)
      for (let count = 0; count < 3; count += 1) {
        expect(await consume(rule)).toMatchObject({
          isBlockStart: false,
          blockedForMs: 10 * minute,
          retryAfterMs: 10 * minute,
        })
      }
      tester.clock.advance(10 * minute)
      expect(await consume(rule)).toMatchObject({
        remaining: 1,
        blockedForMs: 0,
        retryAfterMs: 0,
      })
    })

    it('let counting begin anew even when they are shorter than the window', async () => {
      const rule = ruleOf({ limit: 2, window: '1h', block: '1s' })
      await consumeTimes(rule, 3)
      tester.clock.advance(1000)
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
      expect(await tester.store.commit([charge])).toEqual([15 * minute])
      expect(await tester.store.commit([charge])).toEqual([0])
      expect((await consume(rule)).blockedForMs).toBe(15 * minute)
    })

    it('do not begin when less than the limit is committed', async () => {
      const rule = ruleOf({ limit: 3, block: { duration: '15m', at: 'limit' } })
      expect(await tester.store.commit([await reserve(rule), await reserve(rule)])).toEqual([0, 0])
    })

    it('grow, are capped, and are forgotten in time', async () => {
      const block = { duration: '1m', factor: 3, max: '5m', decay: '1h' } as const
      const rule = ruleOf({ limit: 1, block })
      const lengths: number[] = []
      for (let count = 0; count < 4; count += 1) {
        const { blockedForMs } = await consumeTimes(rule, 2)
        lengths.push(blockedForMs / minute)
        tester.clock.advance(blockedForMs)
      }
      expect(lengths).toEqual([1, 3, 5, 5])
      tester.clock.advance(59 * minute)
      expect((await consumeTimes(rule, 2)).blockedForMs).toBe(5 * minute)
      tester.clock.advance(65 * minute)
      expect((await consumeTimes(rule, 2)).blockedForMs).toBe(minute)
    })

    it('differ in length within the jitter', async () => {
      const rule = ruleOf({ limit: 1, block: { duration: '100s', jitter: 0.1 } })
      const lengths = new Set<number>()
      for (let count = 0; count < 30; count += 1) {
        const { blockedForMs } = await consumeTimes(rule, 2)
        expect(Math.abs(blockedForMs - 100_000)).toBeLessThanOrEqual(10_000)
        lengths.add(blockedForMs)
        tester.clock.advance(blockedForMs + 1)
      }
      expect(lengths.size).toBeGreaterThan(10)
    })

    it('begin after so many violations within a period', async () => {
      const block = { duration: '15m', violations: 3, period: '2m' } as const
      const rule = ruleOf({ limit: 1, block })
      await consumeTimes(rule, 3)
      tester.clock.advance(2 * minute)
      await consumeTimes(rule, 3)
      expect(await peek(rule)).toMatchObject({ blockedForMs: 0 })
      expect(await consume(rule)).toMatchObject({ isBlockStart: true, blockedForMs: 15 * minute })
      tester.clock.advance(15 * minute)
      expect(await consumeTimes(rule, 2)).toMatchObject({ blockedForMs: 0 })
    })

    it('count violations and grow at once', async () => {
      const block = { duration: '1m', violations: 2, factor: 2 } as const
      const rule = ruleOf({ limit: 1, block })
      expect((await consumeTimes(rule, 3)).blockedForMs).toBe(minute)
      tester.clock.advance(minute)
      expect((await consumeTimes(rule, 3)).blockedForMs).toBe(2 * minute)
    })

    it('of keys that break a rule at the same time are kept apart', async () => {
      const block = { duration: '1m', violations: 2, factor: 2 } as const
      const rule = ruleOf({ limit: 1, block })
      const ids = ['a', 'b', 'c'].map(letter => letter.repeat(22))
      const consumeAll = () =>
        Promise.all(
          ids.map(async other =>
            first(await tester.store.consume([{ rule, id: other, cost: 1 }], 'charge')),
          ),
        )
      for (const minutes of [1, 2, 4]) {
        await consumeAll()
        await consumeAll()
        const lengths = (await consumeAll()).map(({ blockedForMs }) => blockedForMs / minute)
        expect(lengths).toEqual([minutes, minutes, minutes])
        tester.clock.advance(minutes * minute)
      }
    })

    it('begin anew with each attempt where a rule wants that', async () => {
      const rule = ruleOf({ limit: 1, block: { duration: '15m', isExtending: true } })
      await consumeTimes(rule, 2)
      tester.clock.advance(10 * minute)
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
      await tester.store.consume(checks, 'charge')
      await tester.store.consume(checks, 'charge')
      const [blocked, passed] = await tester.store.consume(checks, 'charge')
      expect(blocked).toMatchObject({ blockedForMs: 15 * minute })
      expect(passed).toMatchObject({ retryAfterMs: 0, remaining: 2 })
    })

    it('count the violations of several rules at once', async () => {
      const blocking = [1, 2].map(number => ruleOf({ limit: 1, block: '15m' }, `rule-${number}`))
      const checks = blocking.map(rule => checkOf(rule))
      await tester.store.consume(checks, 'charge')
      const verdicts = await tester.store.consume(checks, 'charge')
      expect(verdicts.map(({ isBlockStart }) => isBlockStart)).toEqual([true, true])
    })
  })

  describe('block', () => {
    it('blocks a key, and says why', async () => {
      const rule = ruleOf()
      await consumeTimes(rule, 3)
      await tester.store.block(checkOf(rule), { durationMs: minute, reason: 'complaint' })
      expect(await tester.store.findBlock(checkOf(rule))).toEqual({
        endsAfterMs: minute,
        level: 0,
        reason: 'complaint',
      })
      expect(await consume(rule)).toMatchObject({ blockedForMs: minute, retryAfterMs: minute })
      tester.clock.advance(minute)
      expect(await tester.store.findBlock(checkOf(rule))).toBeNull()
      expect((await consume(rule)).remaining).toBe(4)
    })

    it('blocks for good', async () => {
      const rule = ruleOf({ block: { duration: minute, isExtending: true } })
      await tester.store.block(checkOf(rule), { durationMs: null, reason: 'limit' })
      tester.clock.advance(1000 * 86_400_000)
      expect(await consume(rule)).toMatchObject({
        blockedForMs: -1,
        retryAfterMs: -1,
        resetAfterMs: -1,
      })
      expect(await tester.store.findBlock(checkOf(rule))).toMatchObject({ endsAfterMs: null })
    })

    it('is not extended by attempts', async () => {
      const rule = ruleOf({ block: { duration: '15m', isExtending: true } })
      await tester.store.block(checkOf(rule), { durationMs: minute, reason: 'complaint' })
      tester.clock.advance(1000)
      expect((await consume(rule)).blockedForMs).toBe(59_000)
    })

    it('keeps any reason as it is', async () => {
      const rule = ruleOf()
      const reason = 'why: "ünïcode" {x}:*\n'
      await tester.store.block(checkOf(rule), { durationMs: null, reason })
      expect(await tester.store.findBlock(checkOf(rule))).toMatchObject({ reason })
    })
  })

  describe('unblock', () => {
    it('lifts a block and forgets what was counted', async () => {
      const rule = ruleOf({ limit: 1, block: { duration: '15m', factor: 2, violations: 2 } })
      await consumeTimes(rule, 3)
      expect(await tester.store.unblock(checkOf(rule))).toBe(true)
      expect(await tester.store.findBlock(checkOf(rule))).toBeNull()
      expect(await consumeTimes(rule, 3)).toMatchObject({ blockedForMs: 15 * minute })
    })

    it('says when there was nothing to lift', async () => {
      const rule = ruleOf({ limit: 1, block: '15m' })
      expect(await tester.store.unblock(checkOf(rule))).toBe(false)
      await consumeTimes(rule, 2)
      tester.clock.advance(15 * minute)
      expect(await tester.store.unblock(checkOf(rule))).toBe(false)
    })
  })

  describe('listBlocks', () => {
    async function listAll(count: number): Promise<string[]> {
      const names: string[] = []
      let cursor: string | null = null
      do {
        const page = await tester.store.listBlocks(cursor, count)
        names.push(...page.blocks.map(block => `${block.rule.name} ${block.id} ${block.reason}`))
        cursor = page.cursor
      } while (cursor !== null)
      return [...new Set(names)].sort()
    }

    it('lists the blocks of all rules page by page', async () => {
      const rule = ruleOf({ limit: 1, block: '15m' })
      await consumeTimes(rule, 2)
      const byHand = ruleOf({}, 'other')
      const expected = [`rule ${tester.id} limit`]
      for (let count = 0; count < 5; count += 1) {
        tester.id = randomText(22)
        await tester.store.block(checkOf(byHand), { durationMs: null, reason: 'complaint' })
        expected.push(`other ${tester.id} complaint`)
      }
      expect(await listAll(2)).toEqual(expected.sort())
      expect(await listAll(100)).toEqual(expected.sort())
    })

    it('lists blocks that began at the limit', async () => {
      const rule = ruleOf({ limit: 1, block: { duration: '15m', at: 'limit' } })
      await tester.store.commit([await reserve(rule)])
      expect(await listAll(10)).toEqual([`rule ${tester.id} limit`])
    })

    it('leaves out blocks that are over or lifted', async () => {
      const rule = ruleOf({ limit: 1, block: '15m' })
      await consumeTimes(rule, 2)
      tester.id = randomText(22)
      await tester.store.block(checkOf(rule), { durationMs: null, reason: 'complaint' })
      tester.clock.advance(15 * minute)
      expect(await listAll(10)).toEqual([`rule ${tester.id} complaint`])
      await tester.store.unblock(checkOf(rule))
      expect(await listAll(10)).toEqual([])
    })

    it('describes a block so that it can be lifted', async () => {
      const rule = ruleOf({ limit: 1, block: '15m' })
      await consumeTimes(rule, 2)
      const { blocks } = await tester.store.listBlocks(null, 10)
      expect(blocks).toEqual([
        {
          rule: { name: 'rule', version: rule.version },
          id: tester.id,
          endsAfterMs: 15 * minute,
          level: 0,
          reason: 'limit',
        },
      ])
      for (const block of blocks) expect(await tester.store.unblock(block)).toBe(true)
      expect((await consume(rule)).retryAfterMs).toBe(0)
    })
  })
}
