import { describe, expect, it } from 'vitest'
import { ecsClassifications, toEcs } from './ecs.ts'
import { eventTypes } from './event.ts'

/** What ECS 8 expects of the categories used here. */
const expectedTypes: Readonly<Record<string, readonly string[]>> = {
  authentication: ['start', 'end', 'info'],
  configuration: ['access', 'change', 'creation', 'deletion', 'info'],
  database: ['access', 'change', 'info', 'error'],
  email: ['info'],
  iam: ['admin', 'change', 'creation', 'deletion', 'group', 'info', 'user'],
  intrusion_detection: ['allowed', 'denied', 'info'],
  session: ['start', 'end', 'info'],
  web: ['access', 'error', 'info'],
}

describe('ecsClassifications', () => {
  it('places every kind of event, and no other', () => {
    expect(Object.keys(ecsClassifications).sort()).toEqual([...eventTypes].sort())
  })

  it.each(Object.entries(ecsClassifications))(
    'places %s where the schema allows it',
    (_, found) => {
      const allowed = expectedTypes[found.category]
      expect(found.type.filter(type => allowed?.includes(type) !== true)).toEqual([])
    },
  )
})

describe('toEcs', () => {
  it('says who did what to whom, from where, and how it went', () => {
    const at = Date.UTC(2026, 0, 2, 3, 4, 5)
    expect(
      toEcs({
        type: 'role_changed',
        at,
        userId: 'alice',
        actorId: 'root',
        tenant: 'acme',
        sessionId: 's-1',
        ip: '192.0.2.7',
        userAgent: 'Firefox',
        reason: 'promoted',
        details: { to: 'admin' },
      }),
    ).toEqual({
      '@timestamp': '2026-01-02T03:04:05.000Z',
      ecs: { version: '8.17.0' },
      event: {
        kind: 'event',
        category: ['iam'],
        type: ['admin', 'change'],
        action: 'role_changed',
        module: 'cloakroom',
        dataset: 'cloakroom.audit',
        outcome: 'success',
        reason: 'promoted',
      },
      source: { ip: '192.0.2.7' },
      user_agent: { original: 'Firefox' },
      user: { id: 'root', target: { id: 'alice' } },
      organization: { id: 'acme' },
      cloakroom: { session_id: 's-1', details: { to: 'admin' } },
    })
  })

  it('leaves out what is not known', () => {
    expect(toEcs({ type: 'session_expired', at: 0 })).toEqual({
      '@timestamp': '1970-01-01T00:00:00.000Z',
      ecs: { version: '8.17.0' },
      event: expect.not.objectContaining({ outcome: expect.anything() }),
      cloakroom: {},
    })
    expect(toEcs({ type: 'auth_success', at: 0, userId: 'alice' }).user).toEqual({ id: 'alice' })
  })
})
