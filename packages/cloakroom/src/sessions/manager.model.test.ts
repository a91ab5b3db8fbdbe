import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createSessionGround, type SessionGround } from '../../../../test/support/session-ground.ts'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import type { SecurityEvent } from '../events/event.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { createSessionManager } from './manager.ts'
import { createModel, modelPolicy } from './model.contract.ts'
import { type Choice, type Story, steps } from './model-steps.contract.ts'
import type { SessionStore } from './store.ts'

const stepsPerStory = 60
const stories = 200

const session = {
  idle: modelPolicy.idleMs,
  absolute: modelPolicy.absoluteMs,
  touchEvery: modelPolicy.touchMs,
  grace: modelPolicy.graceMs,
  limit: { max: modelPolicy.limit },
}

/** How often each step is taken, compared with the others. */
const weights: Readonly<Record<string, number>> = {
  create: 4,
  validate: 8,
  save: 4,
  update: 2,
  rotate: 4,
  renew: 2,
  revoke: 1,
  revokeOthers: 1,
  revokeAll: 1,
  raiseTenant: 1,
  list: 2,
  wait: 4,
}

const number = fc.nat({ max: 1000 })
const taken = fc.record({
  name: fc.oneof(
    ...Object.entries(weights).map(([name, weight]) => ({ weight, arbitrary: fc.constant(name) })),
  ),
  choice: fc.record<Choice>({ client: number, which: number, detail: number }),
})
const tales = fc.array(taken, { minLength: stepsPerStory, maxLength: stepsPerStory })

/** Tells a story to clients of these stores, and to the model, and compares them at each step. */
async function tell(
  told: typeof tales extends fc.Arbitrary<infer Tale> ? Tale : never,
  { stores, clock }: { stores: readonly SessionStore[]; clock: ManualClock },
): Promise<void> {
  const events: SecurityEvent[] = []
  const model = createModel(clock.now())
  const story: Story = {
    model,
    clients: stores.map(store =>
      createSessionManager<Record<string, unknown>>({
        store,
        clock,
        session,
        secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
        events: { emit: event => events.push(event) },
      }),
    ),
    tokens: [],
    held: [],
    advance(ms) {
      clock.advance(ms)
      model.advance(ms)
    },
  }
  for (const { name, choice } of told) {
    const sessions = story.clients[choice.client % story.clients.length]
    const step = steps[name]
    if (sessions === undefined || step === undefined) throw new Error(`There is no ${name}.`)
    await step(story, sessions, choice)
    const detections = events.filter(event => event.type === 'session_reuse_detected')
    expect(detections).toHaveLength(model.detections)
  }
}

describe('createSessionManager', () => {
  it('knows every step of the model', () => {
    expect(Object.keys(weights)).toEqual(Object.keys(steps))
  })

  it('agrees with the model on memory', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(tales, async told => {
        const clock = createManualClock()
        const store = createMemorySessions({ clock })
        await tell(told, { stores: [store, store, store], clock })
      }),
      { numRuns: stories },
    )
  })

  describe('on Redis', () => {
    let ground: SessionGround
    let stores: SessionStore[]
    beforeAll(async () => {
      ground = await createSessionGround()
      stores = [await ground.connect(), await ground.connect(), await ground.connect()]
    })
    afterAll(() => ground.close())

    it('agrees with the model', { timeout: 60_000 }, async () => {
      await fc.assert(
        fc.asyncProperty(tales, async told => {
          await ground.clear()
          await tell(told, { stores, clock: ground.clock })
        }),
        { numRuns: stories },
      )
    })
  })
})
