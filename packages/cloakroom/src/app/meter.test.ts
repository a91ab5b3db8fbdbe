import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisClients } from '../../../../test/support/redis-clients.ts'
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts'
import type { Measure } from '../events/meter.ts'
import { type Cloakroom, createCloakroom } from './cloakroom.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const otherSecret = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'

describe('the meter of Cloakroom', () => {
  let server: RedisServer
  let connected: { native: unknown; close(): void }
  let cloakroom: Cloakroom<{ count?: number }>
  let told: Measure[]
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    connected = (redisClients[0] as (typeof redisClients)[number]).connect(server.url)
    cloakroom = open(secret)
    told = []
    cloakroom.meter.on(measure => told.push(measure))
  })
  afterEach(() => {
    cloakroom.close()
    connected.close()
  })

  const open = (given: string): Cloakroom<{ count?: number }> =>
    createCloakroom({
      redis: connected.native as never,
      secret: given,
      cookieSecret: secret,
      audit: false,
      env: {},
      redisGuard: { deadline: '200ms', failures: 1, retryAfter: '10ms' },
    })
  const ofKind = (kind: Measure['kind']) => told.filter(measure => measure.kind === kind)

  it('tells how sessions were asked for', async () => {
    const { token } = await cloakroom.sessions.create({ id: 'alice' })
    await cloakroom.sessions.validate(token)
    await cloakroom.sessions.validate(`${token.slice(0, -1)}-`)
    await cloakroom.sessions.validate('nonsense')
    expect(ofKind('validation')).toEqual([
      { kind: 'validation', result: 'valid', reason: '' },
      { kind: 'validation', result: 'absent', reason: expect.stringMatching(/unknown|malformed/) },
      { kind: 'validation', result: 'absent', reason: 'malformed' },
    ])
  })

  it('tells which key could not open a value, once', async () => {
    const other = open(otherSecret)
    const { token } = await other.sessions.create({ id: 'alice' })
    const [keyId] = (await other.sessions.countPage()).ring
    await cloakroom.sessions.validate(token)
    expect(ofKind('open-failure')).toEqual([{ kind: 'open-failure', reason: 'unknown-key', keyId }])
    other.close()
  })

  it('tells of writes that were done again', async () => {
    const { session } = await cloakroom.sessions.create({ id: 'alice' })
    const raise = () =>
      cloakroom.sessions.update(session, data => ({ count: (data.count ?? 0) + 1 }))
    await Promise.all([raise(), raise()])
    expect(ofKind('conflict')).toEqual([{ kind: 'conflict' }])
  })

  it('tells how long Redis took, and when it is not asked any more', async () => {
    await cloakroom.sessions.create({ id: 'alice' })
    expect(ofKind('command').length).toBeGreaterThan(0)
    expect(ofKind('command')).toContainEqual({
      kind: 'command',
      outcome: 'ok',
      seconds: expect.closeTo(0.1, 0),
    })
    await server.kill()
    const isOpen = async () => {
      await cloakroom.sessions.validate('A'.repeat(65))
      return ofKind('breaker')
    }
    await expect.poll(isOpen).toEqual([{ kind: 'breaker', isOpen: true }])
    expect(ofKind('command').at(-1)).toMatchObject({ outcome: 'failed' })
    await server.restart()
    await expect.poll(() => cloakroom.checkHealth()).toMatchObject({ ok: true })
    expect(ofKind('breaker').at(-1)).toEqual({ kind: 'breaker', isOpen: false })
  })
})
