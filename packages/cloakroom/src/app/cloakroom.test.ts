import { afterEach, describe, expect, it, vi } from 'vitest'
import { redisClients } from '../../../../test/support/redis-clients.ts'
import { startRedis } from '../../../../test/support/redis-server.ts'
import { createCloakroom } from './cloakroom.ts'
import type { CloakroomOptions } from './options.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const cookieSecret = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'
const quiet: CloakroomOptions = { audit: false, env: {} }

afterEach(() => {
  vi.restoreAllMocks()
})

describe('createCloakroom', () => {
  it('starts with no settings at all while developing, in memory', async () => {
    const cloakroom = createCloakroom(quiet)
    expect(cloakroom.storage).toBe('memory')
    expect(await cloakroom.checkHealth()).toBeNull()
    const { token } = await cloakroom.sessions.create({ id: 'alice' })
    expect((await cloakroom.sessions.validate(token)).state).toBe('valid')
    cloakroom.close()
  })

  const mistakes: [string, CloakroomOptions, RegExp][] = [
    ['an unknown setting', { sesion: {} } as CloakroomOptions, /Did you mean `session`\?/],
    ['a secret of 31 characters', { secret: secret.slice(1) }, /`secret`/],
    [
      'a short secret in the environment',
      { env: { SESSION_SECRET_KEY: 'short' } },
      /SESSION_SECRET_KEY/,
    ],
    ['seconds where milliseconds are meant', { session: { idle: 3600 } }, /session\.idle.*'3600s'/],
    ['an unknown setting of the session', { session: { ttl: 1 } as object }, /`session\.ttl`/],
    ['SameSite=None without Secure', { cookie: { sameSite: 'none', secure: false } }, /sameSite/i],
    ['a client that is none', { redis: {} as never }, /redis/i],
    ['a URL for a client', { redis: 'redis://localhost' as never }, /redis/i],
    ['memory in production', { production: true, secret, cookieSecret }, /`redis` is missing/],
    [
      'no secret in production',
      { production: true, memory: true, cookieSecret },
      /SESSION_SECRET_KEY/,
    ],
    [
      'no cookie secret in production',
      { production: true, memory: true, secret },
      /COOKIE_SECRET_KEY/,
    ],
    [
      'development cookies in production',
      { production: true, memory: true, secret, cookieSecret, cookie: { development: true } },
      /cookie\.development/,
    ],
    ['trust in every proxy', { trustProxy: true as never }, /trustProxy/],
    [
      'a prefix that Redis reads as a pattern',
      { redis: undefined as never, prefix: 'a*' },
      /`prefix`/,
    ],
    ['an origin with a path', { origins: 'https://example.test/app' }, /origins/],
    ['an unknown role', { roles: { permissions: { king: [] } } }, /king/],
    [
      'a rule that makes no sense',
      { rateLimit: { rules: { api_call: { limit: -1, window: '1m' } } } },
      /api_call/,
    ],
  ]

  it.each(mistakes)('refuses %s and names the setting', (_what, options, message) => {
    expect(() => createCloakroom({ ...quiet, ...options })).toThrow(message)
  })

  it('takes timeouts and limits from the environment', async () => {
    const env = { SESSION_TIMEOUT: '120', MAX_SESSIONS_PER_USER: '1' }
    const cloakroom = createCloakroom({ audit: false, env })
    const { session } = await cloakroom.sessions.create({ id: 'alice' })
    expect(session.idleExpiresAt - session.createdAt).toBe(120_000)
    const second = await cloakroom.sessions.create({ id: 'alice' })
    expect(second.evicted).toEqual([session.id])
  })

  it('prefers options to the environment', async () => {
    const env = { SESSION_TIMEOUT: '120', MAX_SESSIONS_PER_USER: '1' }
    const session = { idle: '5m', limit: false } as const
    const cloakroom = createCloakroom({ audit: false, env, session })
    const issued = await cloakroom.sessions.create({ id: 'alice' })
    expect(issued.session.idleExpiresAt - issued.session.createdAt).toBe(300_000)
    expect((await cloakroom.sessions.create({ id: 'alice' })).evicted).toEqual([])
  })

  it('takes an idle time beyond the usual absolute one from the environment', () => {
    const env = { SESSION_TIMEOUT: String(86_400 * 2) }
    expect(() => createCloakroom({ audit: false, env })).not.toThrow()
  })

  it('warns of development cookies only where somebody asked for them', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    createCloakroom(quiet)
    expect(warn).not.toHaveBeenCalled()
    createCloakroom({ ...quiet, cookie: { development: true } })
    expect(warn).toHaveBeenCalledOnce()
  })

  it('counts on when a new secret is put in front of the old one', () => {
    const before = createCloakroom({ ...quiet, secret })
    const after = createCloakroom({ ...quiet, secret: [cookieSecret, secret] })
    expect(after.limiter.idOf('alice')).toBe(before.limiter.idOf('alice'))
  })

  it('writes audit lines to where it is told', async () => {
    const lines: string[] = []
    const destination = { write: (line: string) => lines.push(line) }
    const cloakroom = createCloakroom({ env: {}, audit: { destination } })
    const { session } = await cloakroom.sessions.create({ id: 'alice' })
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      event_type: 'session_created',
      user_id: 'alice',
      session_id: session.id,
    })
  })

  it('keeps a trail of events on request', async () => {
    expect(createCloakroom(quiet).auditTrail).toBeNull()
    const cloakroom = createCloakroom({ ...quiet, auditTrail: true })
    await cloakroom.sessions.create({ id: 'alice', tenant: 'acme' })
    await cloakroom.auditTrail?.flush()
    const { entries = [] } = (await cloakroom.auditTrail?.read()) ?? {}
    expect(entries[0]?.event).toMatchObject({ type: 'session_created', tenant: 'acme' })
    cloakroom.close()
  })

  it.each(redisClients)('works on a client of $name', async ({ connect }) => {
    const server = await startRedis()
    const { native, close } = connect(server.url)
    const cloakroom = createCloakroom({ ...quiet, redis: native as never, secret, cookieSecret })
    const { token } = await cloakroom.sessions.create({ id: 'alice' })
    expect((await cloakroom.sessions.validate(token)).state).toBe('valid')
    expect(await cloakroom.checkHealth()).toMatchObject({ ok: true })
    cloakroom.close()
    close()
    await server.stop()
  })

  it('reports that Redis cannot be reached, and says so to whoever asks', async () => {
    const [client] = redisClients
    const { native, close } = client?.connect('redis://127.0.0.1:1') ?? {}
    const redisGuard = { deadline: '50ms', failures: 2 } as const
    const cloakroom = createCloakroom({
      ...quiet,
      redis: native as never,
      secret,
      cookieSecret,
      redisGuard,
    })
    const events: string[] = []
    cloakroom.events.on(event => events.push(event.type))
    const token = 'A'.repeat(65)
    for (let count = 0; count < 3; count += 1) {
      expect(await cloakroom.sessions.validate(token)).toMatchObject({ state: 'unavailable' })
    }
    expect(events).toEqual(['store_unavailable'])
    cloakroom.close()
    close?.()
  })
})
