import type { Cloakroom } from 'cloakroom'
import { expect } from 'vitest'

/** Uses everything that asks Redis for something: sessions, limits, administration. */
export async function walkCloakroom(cloakroom: Cloakroom, user = 'alice'): Promise<void> {
  await walkSessions(cloakroom, user)
  await walkLimits(cloakroom, user)
}

async function walkSessions({ sessions }: Cloakroom, user: string): Promise<void> {
  const { session, token } = await sessions.create({ id: user, tenant: 'acme' })
  const rotated = await sessions.rotate(await sessions.renew(session))
  await sessions.update(rotated.session, data => Object.assign(data, { visits: 1 }))
  expect(await sessions.validate(token)).toMatchObject({ newToken: rotated.token })
  expect(await sessions.list(user)).toHaveLength(1)
  expect((await sessions.scan()).entries.length).toBeGreaterThan(0)
  await sessions.raiseEpoch({ tenant: 'acme' })
  expect(await sessions.validate(rotated.token)).toMatchObject({ reason: 'epoch' })
  await sessions.create({ id: user })
  expect(await sessions.revokeAll(user)).toBe(1)
}

async function walkLimits({ limiter }: Cloakroom, user: string): Promise<void> {
  await limiter.checkAll([
    { rule: 'api_call', key: user },
    { rule: 'session_create', key: user },
    { rule: 'auth_register', key: user },
  ])
  await limiter.block('api_call', user, { duration: '1m', reason: 'test' })
  expect((await limiter.listBlocks()).blocks).toHaveLength(1)
  expect(await limiter.unblock('api_call', user)).toBe(true)
}
