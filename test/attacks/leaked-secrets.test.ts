import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type Cloakroom, createCloakroom } from '../../packages/cloakroom/src/app/cloakroom.ts'
import { createKeyring } from '../../packages/cloakroom/src/crypto/keyring.ts'
import { createSigner } from '../../packages/cloakroom/src/crypto/token-mac.ts'
import { createCookieSignature } from '../../packages/cloakroom/src/http/cookie-signature.ts'
import { redisClients } from '../support/redis-clients.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const leaked = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const fresh = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'
const other = 'kP8sXn3vTq6wZb1yRd5gLm9hCj4fUe7a'

/** The procedures of docs/key-rotation.md, step by step, on workers that go on running. */
describe('a secret that leaked', () => {
  let server: RedisServer
  const closing: (() => void)[] = []
  let workers: Cloakroom[]
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(() => server.stop())
  beforeEach(() => {
    workers = [open(), open()]
  })
  afterEach(() => {
    for (const close of closing.splice(0)) close()
  })

  function open(secret: string = leaked): Cloakroom {
    const [{ connect } = { connect: () => ({ native: null, close: () => undefined }) }] =
      redisClients
    const { native, close } = connect(server.url)
    const cloakroom = createCloakroom({
      redis: native as never,
      secret,
      cookieSecret: leaked,
      nearCache: true,
      auditTrail: { secret: other },
      audit: false,
      env: {},
    })
    closing.push(cloakroom.close, close)
    return cloakroom
  }

  /** Signs in on the first worker; gives the Cookie header a browser would send. */
  async function signIn(): Promise<string> {
    const handle = workers[0]?.fetch(async (_request, session) => {
      await session.login({ id: 'alice' })
      return new Response()
    })
    const response = await handle?.(new Request('http://localhost/'))
    const [line = ''] = response?.headers.getSetCookie() ?? []
    return line.split(';')[0] ?? ''
  }

  async function whoIs(cookie: string, worker = 1): Promise<string | null> {
    const handle = workers[worker]?.fetch((_request, session) =>
      Response.json({ id: session.user?.id ?? null }),
    )
    const response = await handle?.(new Request('http://localhost/', { headers: { cookie } }))
    const { id } = JSON.parse((await response?.text()) ?? '{}')
    return id
  }

  async function endSealed(keyId: string, cursor: string | null): Promise<string | null> {
    const page = await workers[0]?.sessions.endSealedBy(keyId, { cursor })
    return page?.cursor ?? null
  }

  describe('the one that signs cookies', () => {
    it('is worth nothing once it is replaced, and the sessions it led to can be ended', async () => {
      const cookie = await signIn()
      expect(await whoIs(cookie)).toBe('alice')
      // The thief signs as the server does.
      const [name = '', value = ''] = cookie.split('=')
      const signer = createSigner(createKeyring(leaked, { name: 'leaked' }), 'cookie/session')
      const token = value.slice(0, value.lastIndexOf('.'))
      expect(createCookieSignature('session', signer).sign(name, token)).toBe(value)
      // 1. The new secret alone, on every worker: that is refused now, as is what others have.
      for (const worker of workers) worker.reloadSecrets({ cookieSecret: fresh })
      expect(await whoIs(cookie)).toBeNull()
      // 2. The sessions that nobody can reach any more.
      await workers[0]?.sessions.raiseEpoch({ all: true }, { reason: 'leaked-key' })
      expect(await workers[1]?.sessions.list('alice')).toEqual([])
      // 3. Whoever signs in again is in.
      expect(await whoIs(await signIn())).toBe('alice')
    })
  })

  describe('the one that seals sessions', () => {
    it('opens nothing any more that is written, and what it sealed is removed', async () => {
      const cookie = await signIn()
      expect(await whoIs(cookie, 0)).toBe('alice')
      expect(await whoIs(cookie, 1)).toBe('alice')
      // 1. The new secret alone, on every worker: all sessions end at once, those in memory too.
      for (const worker of workers) worker.reloadSecrets({ secret: fresh })
      expect(await whoIs(cookie, 0)).toBeNull()
      expect(await whoIs(cookie, 1)).toBeNull()
      // A thief with a copy of Redis still reads what was sealed before.
      const thief = open(leaked)
      expect((await thief.sessions.list('alice')).length).toBeGreaterThan(0)
      // 2. What it sealed is removed, also what was ended before and lies about.
      const { id } = createKeyring(leaked, { name: 'leaked' }).newest
      let cursor: string | null = null
      do {
        cursor = await endSealed(id, cursor)
      } while (cursor !== null)
      expect(await thief.sessions.list('alice')).toEqual([])
      expect([...(await thief.sessions.countByKey()).values()]).toEqual([0])
      // 3. Whoever signs in again is in, under the new secret; the trail tells what happened.
      const again = await signIn()
      expect(await whoIs(again)).toBe('alice')
      expect(await thief.sessions.list('alice')).toEqual([])
      await workers[0]?.auditTrail?.flush()
      const report = await workers[0]?.auditTrail?.verify()
      expect(report).toMatchObject({ ok: true, unverifiable: 0 })
      const page = await workers[0]?.auditTrail?.read({ types: ['secrets_changed'], limit: 1 })
      expect(page?.entries[0]?.event).toMatchObject({ reason: 'secret' })
    })
  })
})
