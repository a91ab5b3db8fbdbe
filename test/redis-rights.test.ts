import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from './support/redis-server.ts'

const guide = fileURLToPath(new URL('../docs/operating-redis.md', import.meta.url))

const secrets = {
  secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
  cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
}

/** Read by the health check, which does without where it may not. */
const optional = 'config|get'

let server: RedisServer
beforeAll(async () => {
  server = await startRedis()
})
afterAll(() => server.stop())

describe('the rights that docs/operating-redis.md names', () => {
  it('are enough for everything', async () => {
    const admin = await createClient({ url: server.url }).connect()
    await admin.sendCommand(await readRule())
    const redis = createClient({ url: server.url, username: 'cloakroom', password: 'password' })
    const cloakroom = createCloakroom({ ...secrets, redis, audit: false, env: {} })
    const { sessions, limiter } = cloakroom

    await useSessions(sessions)
    await limiter.checkAll([
      { rule: 'api_call', key: 'alice' },
      { rule: 'session_create', key: 'alice' },
      { rule: 'auth_register', key: 'alice' },
    ])
    await limiter.block('api_call', 'alice', { duration: '1m', reason: 'test' })
    expect((await limiter.listBlocks()).blocks).toHaveLength(1)
    expect(await limiter.unblock('api_call', 'alice')).toBe(true)
    expect((await cloakroom.checkHealth())?.ok).toBe(true)

    cloakroom.close()
    const refused = (await admin.sendCommand(['ACL', 'LOG'])) as unknown as { object: string }[]
    admin.destroy()
    expect(refused.map(({ object }) => object).filter(object => object !== optional)).toEqual([])
  })
})

async function useSessions(
  sessions: ReturnType<typeof createCloakroom>['sessions'],
): Promise<void> {
  const { session, token } = await sessions.create({ id: 'alice', tenant: 'acme' })
  const rotated = await sessions.rotate(await sessions.renew(session))
  await sessions.update(rotated.session, data => Object.assign(data, { visits: 1 }))
  expect(await sessions.validate(token)).toMatchObject({ newToken: rotated.token })
  expect(await sessions.list('alice')).toHaveLength(1)
  expect((await sessions.scan()).entries).toHaveLength(1)
  await sessions.raiseEpoch({ tenant: 'acme' })
  expect(await sessions.validate(rotated.token)).toMatchObject({ reason: 'epoch' })
  await sessions.create({ id: 'alice' })
  expect(await sessions.revokeAll('alice')).toBe(1)
}

async function readRule(): Promise<string[]> {
  const line = /^ACL SETUSER .+$/m.exec(await readFile(guide, 'utf8'))?.[0] ?? ''
  expect(line).not.toBe('')
  return line.split(' ')
}
