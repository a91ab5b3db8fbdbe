import { describe, expect, it } from 'vitest'
import { alice, minute, type Workbench } from './workbench.contract.ts'

const conflict = { name: 'ConflictError', code: 'ERR_SESSION_CONFLICT' }

/** Who may do what while tokens are being replaced, and what slow requests still can. */
export function describeRights(bench: Workbench): void {
  describe('rights while tokens are replaced', () => {
    it('keeps a limited session limited, whatever it is used for', async () => {
      const { token, session } = await bench.sessions.create(alice)
      await bench.sessions.rotate(session, { methods: ['otp'] })
      const limited = await bench.validOf(token)
      limited.data.visits = 1
      const limits = { isLimited: true, methods: {} }
      expect(await bench.sessions.save(limited)).toMatchObject(limits)
      expect(await bench.sessions.update(limited, () => undefined)).toMatchObject(limits)
      expect(await bench.sessions.renew(limited)).toMatchObject(limits)
    })

    it('gives no token to a request that came with a limited one', async () => {
      const { token, session } = await bench.sessions.create(alice)
      const raised = await bench.sessions.rotate(session, { methods: ['otp'] })
      const limited = await bench.validOf(token)
      await expect(bench.sessions.rotate(limited)).rejects.toMatchObject(conflict)
      const again = bench.sessions.rotate(limited, { methods: ['otp'] })
      await expect(again).rejects.toMatchObject(conflict)
      expect((await bench.validOf(raised.token)).methods).toHaveProperty('otp')
    })

    it('gives the token of a step-up to no request that rotates for less', async () => {
      const { token } = await bench.sessions.create(alice)
      const [thief, owner] = [await bench.validOf(token), await bench.validOf(token)]
      await bench.sessions.rotate(owner, { methods: ['otp'] })
      await expect(bench.sessions.rotate(thief)).rejects.toMatchObject(conflict)
    })

    it('limits a request that saves while another steps up', async () => {
      const { token } = await bench.sessions.create(alice)
      const [writer, owner] = [await bench.validOf(token), await bench.validOf(token)]
      const raised = await bench.sessions.rotate(owner, { methods: ['otp'] })
      writer.data.visits = 1
      expect(await bench.sessions.save(writer)).toMatchObject({ isLimited: true, methods: {} })
      const read = await bench.validOf(raised.token)
      expect(read).toMatchObject({ isLimited: false, data: { visits: 1 } })
      expect(read.methods).toHaveProperty('otp')
    })

    it('steps up on top of a rotation by another request', async () => {
      const { token } = await bench.sessions.create(alice)
      const [left, right] = [await bench.validOf(token), await bench.validOf(token)]
      const plain = await bench.sessions.rotate(left)
      const raised = await bench.sessions.rotate(right, { methods: ['otp'] })
      expect((await bench.validOf(raised.token)).methods).toHaveProperty('otp')
      expect(await bench.validOf(plain.token)).toMatchObject({ isLimited: true })
      expect(await bench.validOf(token)).toMatchObject({ isLimited: true })
    })

    it('takes rights away although another request rotated first', async () => {
      const { token } = await bench.sessions.create(alice)
      const [left, right] = [await bench.validOf(token), await bench.validOf(token)]
      await bench.sessions.rotate(left)
      const lowered = await bench.sessions.rotate(right, { role: 'user', permissions: [] })
      expect(await bench.validOf(lowered.token)).toMatchObject({ role: 'user', permissions: [] })
    })

    it('gives two equal step-ups at once the same successor', async () => {
      const { token } = await bench.sessions.create(alice)
      const states = [await bench.validOf(token), await bench.validOf(token)]
      const [first, second] = await Promise.all(
        states.map(state => bench.sessions.rotate(state, { methods: ['otp'] })),
      )
      expect(second?.token).toBe(first?.token)
      expect(second?.session).toMatchObject({ isLimited: false })
      expect(second?.session.methods).toHaveProperty('otp')
    })

    it('refreshes an old proof although another request rotated first', async () => {
      const { session } = await bench.sessions.create(alice, { methods: ['pwd', 'otp'] })
      bench.clock.advance(30 * minute)
      await bench.sessions.rotate(session)
      const again = await bench.sessions.rotate(session, { methods: ['otp'] })
      expect((await bench.validOf(again.token)).methods['otp']).toBe(bench.clock.now())
    })
  })

  describe('requests under way', () => {
    it('save after the grace, and nobody takes them for thieves', async () => {
      const { token, session } = await bench.sessions.create(alice)
      const rotated = await bench.sessions.rotate(await bench.validOf(token))
      const again = await bench.sessions.rotate(rotated.session)
      bench.clock.advance(minute)
      session.data.visits = 1
      await bench.sessions.save(session)
      expect((await bench.validOf(again.token)).data.visits).toBe(1)
      expect(bench.typesOf()).not.toContain('session_reuse_detected')
    })

    it('note activity after the grace', async () => {
      const { token, session } = await bench.sessions.create(alice)
      const rotated = await bench.sessions.rotate(await bench.validOf(token))
      bench.clock.advance(30 * minute)
      expect((await bench.sessions.touch(session)).seenAt).toBe(bench.clock.now())
      bench.clock.advance(1)
      expect((await bench.sessions.renew(session)).seenAt).toBe(bench.clock.now())
      expect((await bench.validOf(rotated.token)).seenAt).toBe(bench.clock.now())
    })

    it('lose nothing that others stored before they renewed', async () => {
      const { token } = await bench.sessions.create(alice)
      const [left, right] = [await bench.validOf(token), await bench.validOf(token)]
      right.data.theme = 'dark'
      await bench.sessions.save(right)
      const renewed = await bench.sessions.renew(left)
      renewed.data.visits = 1
      await bench.sessions.save(renewed)
      expect((await bench.validOf(token)).data).toEqual({ theme: 'dark', visits: 1 })
    })

    it('say what ended the session that they renew', async () => {
      const { session } = await bench.sessions.create(alice)
      bench.clock.advance(60 * minute)
      await expect(bench.sessions.renew(session)).rejects.toMatchObject({
        code: 'ERR_SESSION_GONE',
      })
      expect(bench.events.at(-1)).toMatchObject({ type: 'session_expired', reason: 'idle' })
    })

    it('change nothing once everybody was signed out', async () => {
      const { session } = await bench.sessions.create(alice)
      const gone = { code: 'ERR_SESSION_GONE' }
      await bench.sessions.raiseEpoch({ all: true })
      session.data.visits = 1
      await expect(bench.sessions.save(session)).rejects.toMatchObject(gone)
      await expect(bench.sessions.rotate(session)).rejects.toMatchObject(gone)
      await expect(bench.sessions.renew(session)).rejects.toMatchObject(gone)
    })
  })
}
