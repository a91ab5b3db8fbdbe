import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import type { ManualClock } from '../core/clock.ts'
import { describeActors } from './actor.contract.ts'
import { describeChanges } from './changes.contract.ts'
import { describeCreating } from './create.contract.ts'
import { describeDirectory } from './directory.contract.ts'
import { describeKeys } from './keys.contract.ts'
import { describeLimit } from './limit.contract.ts'
import { describeNearCache } from './near-cache.contract.ts'
import { describeRights } from './rights.contract.ts'
import { describeRotating } from './rotate.contract.ts'
import { describeSaving } from './save.contract.ts'
import type { SessionStore } from './store.ts'
import { resetWorkbench, type Workbench } from './workbench.contract.ts'

/** What the suite needs of a store. */
export interface StoreUnderTest {
  readonly name: string
  open(): Promise<{
    /** A store on empty ground that goes by this clock. */
    createStore(clock: ManualClock): Promise<SessionStore>
    close(): Promise<void>
  }>
}

/** The behaviour of sessions, whatever store they are kept in. */
export function describeSessions(under: StoreUnderTest): void {
  describe(`createSessionManager on ${under.name}`, () => {
    const bench = {} as Workbench
    let ground: Awaited<ReturnType<StoreUnderTest['open']>>
    beforeAll(async () => {
      ground = await under.open()
    })
    afterAll(() => ground.close())
    beforeEach(() => resetWorkbench(bench, ground.createStore))

    describeCreating(bench)
    describeSaving(bench)
    describeRotating(bench)
    describeRights(bench)
    describeLimit(bench)
    describeDirectory(bench)
    describeActors(bench)
    describeKeys(bench)
    describeChanges(bench)
    describeNearCache(bench)
  })
}
