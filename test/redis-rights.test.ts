import { createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readRedisRights } from './support/redis-rights.ts'
import { type RedisServer, startRedis } from './support/redis-server.ts'
import { walkCloakroom } from './support/session-walk.ts'

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
    await admin.sendCommand(await readRedisRights())
    const redis = createClient({ url: server.url, username: 'cloakroom', password: 'password' })
    const cloakroom = createCloakroom({ ...secrets, redis, audit: false, env: {} })
    await walkCloakroom(cloakroom)
    expect((await cloakroom.checkHealth())?.ok).toBe(true)

    cloakroom.close()
    const refused = (await admin.sendCommand(['ACL', 'LOG'])) as unknown as { object: string }[]
    admin.destroy()
    expect(refused.map(({ object }) => object).filter(object => object !== optional)).toEqual([])
  })
})
