import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SessionChange, Watch } from './changes.ts'
import { ownerOf } from './store.ts'
import { alice, minute, type Workbench } from './workbench.contract.ts'

/** What a store tells of its changes, to every process that watches. */
export function describeChanges(bench: Workbench): void {
  describe('watch', () => {
    const heard: SessionChange[] = []
    let watch: Watch
    beforeEach(async () => {
      heard.length = 0
      const opened = bench.store.watch?.(
        { onChange: change => heard.push(change), onGap: () => undefined },
        bench.clock,
      )
      if (opened === undefined) throw new Error('The store cannot be watched.')
      watch = opened
      await expect.poll(() => watch.provenAt, { interval: 5 }).toBe(bench.clock.now())
    })
    afterEach(() => watch.close())

    const untilHeard = (...changes: SessionChange[]): Promise<void> =>
      expect.poll(() => heard, { interval: 2 }).toEqual(changes)

    it('tells that a session ended', async () => {
      const { session } = await bench.sessions.create(alice)
      await bench.sessions.revoke(session.id)
      await untilHeard({ kind: 'ended', ids: [session.id] })
    })

    it('tells which sessions had to make room', async () => {
      const manager = bench.managerWith({ session: { limit: { max: 2 } } })
      const first = await manager.create(alice)
      await manager.create(alice)
      bench.clock.advance(1)
      await manager.create(alice)
      const { id } = first.session
      expect(await manager.list(alice.id)).toHaveLength(2)
      await expect.poll(() => heard.length).toBe(1)
      const [change] = heard
      expect(change?.kind === 'ended' && change.ids).toHaveLength(1)
      expect(ownerOf((change?.kind === 'ended' && change.ids[0]) || '')).toBe(ownerOf(id))
    })

    it('tells that a session was found to be over', async () => {
      const { session, token } = await bench.sessions.create(alice)
      bench.clock.advance(60 * minute)
      await bench.sessions.validate(token)
      await untilHeard({ kind: 'ended', ids: [session.id] })
    })

    it('tells that a stolen token ended a session', async () => {
      const { session, token } = await bench.sessions.create(alice)
      await bench.sessions.rotate(session)
      bench.clock.advance(minute)
      await bench.sessions.validate(token)
      await untilHeard(
        { kind: 'saved', id: session.id, generation: 2 },
        { kind: 'ended', ids: [session.id] },
      )
    })

    it('tells that data or token changed, and whether rights did', async () => {
      const { session } = await bench.sessions.create(alice)
      const { id } = session
      session.data.visits = 1
      const saved = await bench.sessions.save(session)
      const rotated = await bench.sessions.rotate(saved)
      const raised = await bench.sessions.rotate(rotated.session, { methods: ['otp'] })
      await bench.sessions.rotate(raised.session, { role: 'user' })
      await untilHeard(
        { kind: 'saved', id, generation: 2 },
        { kind: 'saved', id, generation: 3 },
        { kind: 'rights', id, generation: 4 },
        { kind: 'rights', id, generation: 5 },
      )
    })

    it('tells that all sessions of a user ended, or all but one', async () => {
      const { session } = await bench.sessions.create(alice)
      const owner = ownerOf(session.id)
      await bench.sessions.revokeOthers(session)
      await bench.sessions.revokeAll(alice.id)
      await untilHeard(
        { kind: 'owner-ended', owner, exceptId: session.id },
        { kind: 'owner-ended', owner, exceptId: null },
      )
    })

    it('tells that an epoch was raised', async () => {
      await bench.sessions.raiseEpoch({ all: true })
      await bench.sessions.raiseEpoch({ tenant: 'acme' })
      await bench.sessions.raiseEpoch({ address: '203.0.113.7' })
      await bench.sessions.raiseEpoch({ all: true })
      const value = bench.clock.now() / 1000
      await untilHeard(
        { kind: 'epoch', name: 'all', value },
        { kind: 'epoch', name: expect.stringMatching(/^[\w-]{22}$/), value },
        { kind: 'epoch', name: expect.stringMatching(/^@[\w-]{22}$/), value },
        { kind: 'epoch', name: 'all', value: value + 1 },
      )
    })

    it('tells nothing of what changed nothing', async () => {
      const { session, token } = await bench.sessions.create(alice)
      bench.clock.advance(3 * minute)
      await bench.validOf(token)
      await bench.sessions.save(session)
      await bench.sessions.validate('A'.repeat(65))
      await bench.sessions.revoke(session.id)
      await untilHeard({ kind: 'ended', ids: [session.id] })
    })

    it('tells nothing more once it is closed', async () => {
      const { session } = await bench.sessions.create(alice)
      watch.close()
      expect(watch.provenAt).toBe(Number.NEGATIVE_INFINITY)
      await bench.sessions.revoke(session.id)
      await bench.sessions.create(alice)
      expect(heard).toEqual([])
    })
  })
}
