import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import type { ManualClock } from '../core/clock.ts'
import { describeBlocks } from './counter-blocks.contract.ts'
import { describeCharges } from './counter-charges.contract.ts'
import type { CounterStore } from './counter-store.ts'
import { createCounterTester } from './counter-tester.contract.ts'

/** What the suite needs of a store. */
export interface CountersUnderTest {
  readonly name: string
  open(): Promise<{
    /** A store on empty ground that goes by this clock. */
    createStore(clock: ManualClock): CounterStore
    close(): Promise<void>
  }>
}

/** The behaviour of counters, whatever store they are kept in. */
export function describeCounters(under: CountersUnderTest): void {
  describe(`CounterStore on ${under.name}`, () => {
    const tester = createCounterTester()
    let ground: Awaited<ReturnType<CountersUnderTest['open']>>

    beforeAll(async () => {
      ground = await under.open()
    })
    afterAll(() => ground.close())
    beforeEach(() => tester.begin(clock => ground.createStore(clock)))

    describeCharges(tester)
    describeBlocks(tester)
  })
}
