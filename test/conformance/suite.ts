import { describe } from 'vitest'
import { describeCookies } from './behaviours/cookies.ts'
import { describeErrors } from './behaviours/errors.ts'
import { describeForgery } from './behaviours/forgery.ts'
import { describeGuards } from './behaviours/guards.ts'
import { describeLoading } from './behaviours/loading.ts'
import { describeRotation } from './behaviours/rotation.ts'
import { describeSaving } from './behaviours/saving.ts'
import type { Framework } from './served.ts'
import { useWorld } from './world.ts'

/** The behaviour that every adapter shows, in memory and on a real Redis. */
export function describeConformance(framework: Framework): void {
  describe(framework.name, () => {
    describe.each(['memory', 'redis'] as const)('on %s', store => {
      const world = useWorld(framework, store)
      describeLoading(world)
      describeSaving(world)
      describeCookies(world)
      describeRotation(world)
      describeErrors(world)
      describeGuards(world)
      describeForgery(world)
    })
  })
}
