import * as client from 'prom-client'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisClients } from '../../../../test/support/redis-clients.ts'
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts'
import { type Cloakroom, createCloakroom } from '../app/cloakroom.ts'
import { eventTypes } from '../events/event.ts'
import { createLabelLimit } from './label-limit.ts'
import { createMetrics, type Metrics } from './metrics.ts'
import { startMetricsServer } from './server.ts'
import { createSessionCensus } from './session-census.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'

describe('createMetrics', () => {
  let server: RedisServer
  let connected: { native: unknown; close(): void }
  let cloakroom: Cloakroom
  let metrics: Metrics
  beforeAll(async () => {
    server = await startRedis({ args: ['--maxmemory', '100mb'] })
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    connected = (redisClients[0] as (typeof redisClients)[number]).connect(server.url)
    cloakroom = createCloakroom({
      redis: connected.native as never,
      secret,
      cookieSecret: secret,
      audit: false,
      auditTrail: true,
      nearCache: true,
      env: {},
    })
    metrics = createMetrics(cloakroom, { client, register: new client.Registry() })
  })
  afterEach(() => {
    metrics.close()
    cloakroom.close()
    connected.close()
  })

  /** The value of a series, written as Prometheus shows it. */
  async function readSeries(series: string): Promise<number> {
    const lines = (await metrics.register.metrics()).split('\n')
    const line = lines.find(text => text.startsWith(`${series} `))
    return line === undefined ? Number.NaN : Number(line.slice(series.length + 1))
  }

  it('counts sessions as they begin, are asked for and end', async () => {
    const { token, session } = await cloakroom.sessions.create({ id: 'alice' })
    await cloakroom.sessions.create(null)
    await cloakroom.sessions.validate(token)
    await cloakroom.sessions.validate('nonsense')
    await cloakroom.sessions.revoke(session.id)
    expect(await readSeries('cloakroom_sessions_created_total{kind="user"}')).toBe(1)
    expect(await readSeries('cloakroom_sessions_created_total{kind="visitor"}')).toBe(1)
    const validations = 'cloakroom_session_validations_total'
    expect(await readSeries(`${validations}{result="valid",reason="none"}`)).toBe(1)
    expect(await readSeries(`${validations}{result="absent",reason="malformed"}`)).toBe(1)
    expect(await readSeries('cloakroom_sessions_ended_total{cause="revoked"}')).toBe(1)
    expect(await readSeries('cloakroom_events_total{type="session_created"}')).toBe(2)
  })

  it('counts what users with too many sessions lose', async () => {
    for (let count = 0; count < 7; count += 1) await cloakroom.sessions.create({ id: 'bob' })
    expect(await readSeries('cloakroom_session_evictions_total{policy="end-oldest"}')).toBe(2)
    expect(await readSeries('cloakroom_sessions_ended_total{cause="limit"}')).toBe(2)
  })

  it('counts refusals by rule and reason', async () => {
    for (let count = 0; count < 6; count += 1) await cloakroom.limiter.check('auth_login', 'eve')
    const labels = '{rule="auth_login",reason="blocked"}'
    expect(await readSeries(`cloakroom_rate_limit_hits_total${labels}`)).toBe(1)
    const blocks = 'cloakroom_rate_limit_blocks_total{rule="auth_login",reason="limit"}'
    expect(await readSeries(blocks)).toBe(1)
  })

  it('tells of living sessions by key, of Redis, the near cache, the trail and the loop', async () => {
    const other = (await cloakroom.sessions.create({ id: 'carol' })).token
    await expect.poll(() => cloakroom.sessions.nearCache?.stats().isAlive).toBe(true)
    await cloakroom.sessions.validate(other)
    await cloakroom.sessions.validate(other)
    const [keyId] = (await cloakroom.sessions.countPage()).ring
    await expect
      .poll(() => readSeries(`cloakroom_active_sessions{key_id="${keyId}"}`))
      .toBeGreaterThan(0)
    expect(await readSeries('cloakroom_redis_up')).toBe(1)
    expect(await readSeries('cloakroom_redis_memory_used_bytes')).toBeGreaterThan(100_000)
    expect(await readSeries('cloakroom_redis_memory_max_bytes')).toBe(104_857_600)
    expect(await readSeries('cloakroom_redis_evicted_keys')).toBe(0)
    expect(await readSeries('cloakroom_redis_command_seconds_count{outcome="ok"}')).toBeGreaterThan(
      2,
    )
    expect(await readSeries('cloakroom_near_cache_hits_total')).toBe(1)
    const fromMemory = 'cloakroom_session_validations_total{result="valid",reason="memory"}'
    expect(await readSeries(fromMemory)).toBe(1)
    expect(await readSeries('cloakroom_near_cache_entries')).toBe(1)
    expect(await readSeries('cloakroom_near_cache_alive')).toBe(1)
    expect(await readSeries('cloakroom_audit_dropped_total')).toBe(0)
    expect(await readSeries('cloakroom_event_loop_lag_seconds{quantile="0.99"}')).toBeGreaterThan(0)
  })

  it('tells when Redis is away, and shows the rest all the same', async () => {
    await cloakroom.checkHealth()
    await server.kill()
    await expect.poll(() => readSeries('cloakroom_redis_up'), { timeout: 10_000 }).toBe(0)
    await expect.poll(() => readSeries('cloakroom_redis_breaker_open'), { timeout: 10_000 }).toBe(1)
    expect(await readSeries('cloakroom_events_total{type="store_unavailable"}')).toBe(1)
    await server.restart()
    await expect.poll(() => readSeries('cloakroom_redis_up'), { timeout: 10_000 }).toBe(1)
  })

  it('counts every kind of event', async () => {
    for (const type of eventTypes) cloakroom.events.emit({ type })
    for (const type of eventTypes) {
      expect(await readSeries(`cloakroom_events_total{type="${type}"}`)).toBe(1)
    }
    expect(await readSeries('cloakroom_token_reuse_total')).toBe(1)
    expect(
      await readSeries('cloakroom_authentications_total{result="failure",reason="none"}'),
    ).toBe(1)
  })

  it('leaves the registry as it was when it is closed', async () => {
    metrics.close()
    expect(await metrics.register.metrics()).toBe('\n')
    cloakroom.events.emit({ type: 'auth_success' })
    expect(() => createMetrics(cloakroom, { client, register: metrics.register })).not.toThrow()
  })
})

describe('createLabelLimit', () => {
  it('gives further values one name', () => {
    const limit = createLabelLimit(2)
    expect(['a', 'b', 'c', 'a', 'd'].map(limit)).toEqual(['a', 'b', 'other', 'a', 'other'])
  })
})

describe('createSessionCensus', () => {
  it('keeps the last count while another cannot be made', async () => {
    let isAway = false
    const census = createSessionCensus({
      async countPage(cursor) {
        if (isAway) throw new Error('away')
        const next = cursor === null ? 'second' : null
        return { ring: ['k1'], counts: new Map([['k1', 2]]), cursor: next }
      },
    })
    expect([...census.latest()]).toEqual([])
    await census.settled()
    isAway = true
    expect([...census.latest()]).toEqual([['k1', 4]])
    await census.settled()
    expect([...census.latest()]).toEqual([['k1', 4]])
  })
})

describe('startMetricsServer', () => {
  it('serves metrics to this machine alone, and nothing else', async () => {
    const register = new client.Registry()
    new client.Counter({ name: 'one', help: 'One.', registers: [register] }).inc()
    const server = await startMetricsServer({ port: 0, register })
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/metrics$/)
    const response = await fetch(server.url)
    expect(response.headers.get('content-type')).toBe(register.contentType)
    expect(await response.text()).toContain('one 1')
    expect((await fetch(server.url.replace('/metrics', '/'))).status).toBe(404)
    expect((await fetch(server.url, { method: 'POST' })).status).toBe(404)
    await server.close()
  })

  it('answers 500 when a metric cannot be read', async () => {
    const register = { contentType: 'text/plain', metrics: () => Promise.reject(new Error('no')) }
    const server = await startMetricsServer({ port: 0, host: '::1', register: register as never })
    expect(server.url).toContain('[::1]')
    expect((await fetch(server.url)).status).toBe(500)
    await server.close()
  })
})
