import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { createKeyring } from '../crypto/keyring.ts'
import { createMemorySessions } from '../stores/memory/sessions.ts'
import { anonymousMeta } from './content.ts'
import { createEpochNames } from './epoch-names.ts'
import { createEpochs } from './epochs.ts'
import type { RotateOptions, SignedInUser } from './manager.ts'
import { graceOf, hasSameRights, newMeta, raiseRights } from './rights.ts'
import { oldSecret } from './workbench.contract.ts'

const clock = createManualClock()
const epochs = createEpochs({
  store: createMemorySessions({ clock }),
  clock,
  names: createEpochNames(createKeyring(oldSecret, { name: 'secret' })),
  intervalMs: 1000,
})
const alice = newMeta({ id: 'alice', permissions: ['read'] }, {}, epochs)

describe('newMeta', () => {
  it('gives a user the usual role and proof', () => {
    expect(alice).toEqual({
      ...anonymousMeta,
      userId: 'alice',
      role: 'user',
      permissions: ['read'],
      methods: { pwd: 0 },
    })
  })

  it('keeps of a visitor where they come from, and no proof', () => {
    const source = { ip: '203.0.113.7', userAgent: 'curl/8.0' }
    const visitor = newMeta(null, { source, methods: ['pwd'], remember: true }, epochs)
    expect(visitor).toEqual({ ...anonymousMeta, ip: '203.0.113.7', device: 'curl' })
  })

  it.each<[Partial<SignedInUser>, RegExp]>([
    [{ id: '' }, /`user\.id` is ""/],
    [{ id: 7 as unknown as string }, /`user\.id` is 7/],
    [{ role: '\ud800' }, /`user\.role`/],
    [{ tenant: '' }, /`user\.tenant`/],
    [{ permissions: 'all' as unknown as string[] }, /`user\.permissions` must be a list/],
    [{ permissions: ['read', ''] }, /`user\.permissions\[1\]`/],
  ])('refuses %j', (part, problem) => {
    expect(() => newMeta({ id: 'alice', ...part }, {}, epochs)).toThrow(problem)
  })

  it('refuses proofs without a name', () => {
    expect(() => newMeta({ id: 'alice' }, { methods: [''] }, epochs)).toThrow(/`methods\[0\]`/)
  })
})

describe('raiseRights', () => {
  it('changes nothing without a reason', () => {
    expect(raiseRights(alice, {}, 5000)).toBe(alice)
  })

  it('notes a proof to the second, as records do, and asks for new tokens against forgery', () => {
    expect(raiseRights(alice, { methods: ['otp'] }, 5999)).toEqual({
      ...alice,
      methods: { pwd: 0, otp: 5000 },
      csrfEpoch: 1,
    })
  })

  it('changes role and permissions', () => {
    const raised = raiseRights(alice, { role: 'admin', permissions: [] }, 5000)
    expect(raised).toEqual({ ...alice, role: 'admin', permissions: [], csrfEpoch: 1 })
  })

  it('leaves a visitor without a role', () => {
    const visitor = raiseRights(anonymousMeta, { methods: ['otp'] }, 5000)
    expect(visitor).toMatchObject({ role: null, methods: { otp: 5000 } })
  })

  it.each<[RotateOptions, RegExp]>([
    [{ role: '' }, /`role`/],
    [{ permissions: [''] }, /`permissions\[0\]`/],
    [{ methods: ['\udfff'] }, /`methods\[0\]`/],
  ])('refuses %j', (options, problem) => {
    expect(() => raiseRights(alice, options, 0)).toThrow(problem)
  })
})

describe('graceOf', () => {
  it.each<[RotateOptions, string]>([
    [{}, 'successor'],
    [{ methods: ['otp'] }, 'limited'],
    [{ role: 'admin' }, 'none'],
    [{ permissions: [] }, 'none'],
    [{ methods: ['otp'], role: 'admin' }, 'none'],
  ])('of %j is %s', (options, kind) => {
    expect(graceOf(options)).toBe(kind)
  })
})

describe('hasSameRights', () => {
  const raised = raiseRights(alice, { methods: ['otp'] }, 5000)

  it('takes proofs within the tolerance for one', () => {
    const moments = raiseRights(alice, { methods: ['otp'] }, 9000)
    expect(hasSameRights(raised, moments, 4000)).toBe(true)
    expect(hasSameRights(raised, moments, 3999)).toBe(false)
  })

  it.each([
    ['role', { ...raised, role: 'admin' }],
    ['actor', { ...raised, actorId: 'admin' }],
    ['number of permissions', { ...raised, permissions: [] }],
    ['permissions', { ...raised, permissions: ['write'] }],
    ['number of proofs', alice],
    ['proofs', { ...raised, methods: { pwd: 0, hwk: 5000 } }],
  ])('notices another %s', (_name, other) => {
    expect(hasSameRights(raised, other, 10_000)).toBe(false)
    expect(hasSameRights(other, raised, 10_000)).toBe(false)
  })
})
