import { describe, expect, it } from 'vitest'
import { alice, minute, type Workbench } from './workbench.contract.ts'

/** How tokens are replaced. */
export function describeRotating(bench: Workbench): void {
  describe('rotate', () => {
    it('gives a new token and keeps handle, data and deadline', async () => {
      const { token, session } = await bench.sessions.create(alice, { data: { visits: 3 } })
      const rotated = await bench.sessions.rotate(session)
      expect(rotated.token).not.toBe(token)
      expect(rotated.session).toMatchObject({ id: session.id, data: { visits: 3 } })
      expect((await bench.validOf(rotated.token)).expiresAt).toBe(session.expiresAt)
      expect(bench.typesOf()).toContain('session_rotated')
    })

    it('keeps a session lasting that was meant to last, and no other', async () => {
      for (const remember of [true, false]) {
        const { session } = await bench.sessions.create(alice, { remember })
        const rotated = await bench.sessions.rotate(session, { methods: ['otp'] })
        rotated.session.data.visits = 1
        const saved = await bench.sessions.save(rotated.session)
        const read = await bench.validOf(rotated.token)
        expect([saved.isPersistent, read.isPersistent]).toEqual([remember, remember])
        expect(read.expiresAt).toBe(session.expiresAt)
      }
    })

    it('leads the old token to the same successor for a few seconds', async () => {
      const { token, session } = await bench.sessions.create(alice)
      const rotated = await bench.sessions.rotate(session)
      bench.clock.advance(9_999)
      expect(await bench.sessions.validate(token)).toMatchObject({
        state: 'valid',
        newToken: rotated.token,
        session: { id: session.id, isLimited: false },
      })
    })

    it('ends the session when the old token comes after the grace', async () => {
      const { token, session } = await bench.sessions.create(alice)
      const rotated = await bench.sessions.rotate(session)
      bench.clock.advance(10_000)
      expect(await bench.sessions.validate(token)).toEqual({ state: 'absent', reason: 'reused' })
      expect(await bench.sessions.validate(rotated.token)).toMatchObject({ state: 'absent' })
      expect(bench.events.find(event => event.type === 'session_reuse_detected')).toMatchObject({
        userId: alice.id,
        sessionId: session.id,
      })
    })

    it('gives parallel rotations one successor', async () => {
      const { token } = await bench.sessions.create(alice)
      const states = await Promise.all(Array.from({ length: 10 }, () => bench.validOf(token)))
      const issued = await Promise.all(states.map(state => bench.sessions.rotate(state)))
      expect(new Set(issued.map(({ token: next }) => next)).size).toBe(1)
      expect(await bench.sessions.list(alice.id)).toHaveLength(1)
      await bench.validOf(issued[0]?.token ?? '')
    })

    it('follows two rotations in a row', async () => {
      const { token, session } = await bench.sessions.create(alice)
      const second = await bench.sessions.rotate(session)
      const third = await bench.sessions.rotate(second.session)
      expect(await bench.sessions.validate(token)).toMatchObject({ newToken: third.token })
    })

    it('saves what a request wrote while another rotated', async () => {
      const { token } = await bench.sessions.create(alice)
      const writer = await bench.validOf(token)
      const { token: next } = await bench.sessions.rotate(await bench.validOf(token))
      writer.data.visits = 7
      await bench.sessions.save(writer)
      expect((await bench.validOf(next)).data.visits).toBe(7)
    })

    it('gives requests under way the session without the rights of a step-up', async () => {
      const { token, session } = await bench.sessions.create(alice)
      bench.clock.advance(minute)
      const raised = await bench.sessions.rotate(session, { methods: ['otp'] })
      expect(raised.session.methods).toEqual({ pwd: session.createdAt, otp: bench.clock.now() })
      const read = await bench.sessions.validate(token)
      expect(read).toMatchObject({ state: 'valid', session: { isLimited: true, methods: {} } })
      expect(read).not.toHaveProperty('newToken')
    })

    it('gives the old token nothing once the role changed', async () => {
      const { token, session } = await bench.sessions.create({ id: 'bob' })
      const raised = await bench.sessions.rotate(session, { role: 'admin', permissions: ['all'] })
      expect(raised.session).toMatchObject({ role: 'admin', permissions: ['all'] })
      expect(await bench.sessions.validate(token)).toEqual({ state: 'absent', reason: 'retired' })
      expect((await bench.sessions.validate(raised.token)).state).toBe('valid')
    })
  })

  describe('signing in on top of a session', () => {
    it('retires the visitor’s token, which never leads to the user’s session', async () => {
      const visitor = await bench.sessions.create(null, { data: { cart: ['a'] } })
      const previous = visitor.session
      const user = await bench.sessions.create(alice, { previous, data: previous.data })
      expect(await bench.sessions.validate(visitor.token)).toEqual({
        state: 'absent',
        reason: 'retired',
      })
      expect((await bench.validOf(user.token)).data.cart).toEqual(['a'])
    })

    it('ends the user’s session when the planted token is used later', async () => {
      const visitor = await bench.sessions.create(null, { data: { cart: [] } })
      const user = await bench.sessions.create(alice, { previous: visitor.session })
      bench.clock.advance(minute)
      expect(await bench.sessions.validate(visitor.token)).toMatchObject({ reason: 'reused' })
      expect((await bench.sessions.validate(user.token)).state).toBe('absent')
      expect(bench.events.find(event => event.type === 'session_reuse_detected')).toMatchObject({
        userId: alice.id,
      })
    })

    it('ends whatever came of a planted token, sign-in after sign-in', async () => {
      const visitor = await bench.sessions.create(null)
      const first = await bench.sessions.create(alice, { previous: visitor.session })
      const rotated = await bench.sessions.rotate(first.session)
      const second = await bench.sessions.create(alice, { previous: rotated.session })
      const last = await bench.sessions.rotate(second.session)
      bench.clock.advance(minute)
      expect(await bench.sessions.validate(visitor.token)).toMatchObject({ reason: 'reused' })
      expect((await bench.sessions.validate(last.token)).state).toBe('absent')
      expect(bench.events.findLast(event => event.type === 'session_destroyed')).toMatchObject({
        sessionId: second.session.id,
        reason: 'reused',
      })
    })

    it('remembers the last 32 tokens of a session', async () => {
      const first = await bench.sessions.create(alice)
      let { session, token } = first
      const tokens = []
      for (let count = 0; count < 33; count += 1) {
        tokens.push(token)
        bench.clock.advance(1)
        ;({ session, token } = await bench.sessions.rotate(session))
      }
      bench.clock.advance(minute)
      expect(await bench.sessions.validate(tokens[0] ?? '')).toMatchObject({ reason: 'unknown' })
      await bench.validOf(token)
      expect(await bench.sessions.validate(tokens[1] ?? '')).toMatchObject({ reason: 'reused' })
    })

    it('gives no newer token that has become limited meanwhile', async () => {
      const { token, session } = await bench.sessions.create(alice)
      const plain = await bench.sessions.rotate(session)
      await bench.sessions.rotate(plain.session, { methods: ['otp'] })
      const read = await bench.sessions.validate(token)
      expect(read).toMatchObject({ state: 'valid', session: { isLimited: true } })
      expect(read).not.toHaveProperty('newToken')
    })
  })

  describe('signing in twice at once on top of a session', () => {
    it('gives one session, even where only one is allowed', async () => {
      bench.sessions = bench.managerWith({ session: { limit: { max: 1 } } })
      const { session: previous } = await bench.sessions.create(null)
      const clicks = Array.from({ length: 5 }, () => bench.sessions.create(alice, { previous }))
      const [first, ...others] = await Promise.all(clicks)
      expect(others.every(({ token }) => token === first?.token)).toBe(true)
      expect((await bench.validOf(first?.token ?? '')).userId).toBe(alice.id)
      expect(bench.typesOf().filter(type => type === 'session_created')).toHaveLength(2)
    })

    it('gives a session of its own to a sign-in that asks for another', async () => {
      const { session: previous } = await bench.sessions.create(null)
      const plain = await bench.sessions.create(alice, { previous })
      const lasting = await bench.sessions.create(alice, { previous, remember: true })
      const proven = await bench.sessions.create(alice, { previous, methods: ['pwd', 'otp'] })
      expect(await bench.validOf(plain.token)).toMatchObject({ isPersistent: false })
      expect(await bench.validOf(lasting.token)).toMatchObject({ isPersistent: true })
      expect((await bench.validOf(proven.token)).methods).toHaveProperty('otp')
    })

    it('gives a session of its own once the first has changed hands', async () => {
      const { session: previous } = await bench.sessions.create(null)
      const first = await bench.sessions.create(alice, { previous })
      await bench.sessions.rotate(first.session)
      const second = await bench.sessions.create(alice, { previous })
      expect(second.session.id).not.toBe(first.session.id)
      bench.clock.advance(minute)
      const third = await bench.sessions.create(alice, { previous })
      expect(third.session.id).not.toBe(first.session.id)
      await bench.validOf(third.token)
    })

    it('is possible after a refusal, in the same browser', async () => {
      bench.sessions = bench.managerWith({ session: { limit: { max: 1, over: 'refuse' } } })
      const elsewhere = await bench.sessions.create(alice)
      const visitor = await bench.sessions.create(null)
      const signingIn = bench.sessions.create(alice, { previous: visitor.session })
      await expect(signingIn).rejects.toMatchObject({ code: 'ERR_SESSION_LIMIT' })
      await bench.sessions.revoke(elsewhere.session.id)
      const here = await bench.validOf(visitor.token)
      const { token } = await bench.sessions.create(alice, { previous: here })
      expect((await bench.validOf(token)).userId).toBe(alice.id)
    })

    it('begins anew although the session before has just got a new token', async () => {
      const { session: previous } = await bench.sessions.create(alice)
      const rotated = await bench.sessions.rotate(previous)
      const again = await bench.sessions.create(alice, { previous })
      expect(again.session.id).not.toBe(previous.id)
      await bench.validOf(again.token)
      expect((await bench.sessions.validate(rotated.token)).state).toBe('absent')
    })

    it('brings no session back that has ended since, nor one of a tenant that has', async () => {
      const carol = { id: 'carol', tenant: 'acme' }
      for (const end of [
        (id: string) => bench.sessions.revoke(id),
        () => bench.sessions.revokeAll(carol.id),
        () => bench.sessions.raiseEpoch({ tenant: 'acme' }),
      ]) {
        const { session: previous } = await bench.sessions.create(null)
        const first = await bench.sessions.create(carol, { previous })
        await end(first.session.id)
        const second = await bench.sessions.create(carol, { previous })
        expect(second.session.id).not.toBe(first.session.id)
        expect((await bench.sessions.validate(first.token)).state).toBe('absent')
        await bench.validOf(second.token)
      }
    })
  })
}
