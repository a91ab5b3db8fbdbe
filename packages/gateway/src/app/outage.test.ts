import { once } from 'node:events'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGatewayGround, type GatewayGround } from '../../../../test/support/gateway-ground.ts'
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'

let redis: RedisServer
let ground: GatewayGround
beforeAll(async () => {
  redis = await startRedis({ appendOnly: true })
})
afterAll(() => redis.stop())
beforeEach(async () => {
  const secrets = { secret, cookieSecret: secret }
  const rules = [
    { path: '/open/**', allow: 'public' },
    { path: '/**', allow: 'signed-in' },
  ] as const
  ground = await createGatewayGround({ redis: redis.url, ...secrets, rules })
})
afterEach(() => ground.close())

describe('while Redis is gone', () => {
  it('nobody is signed out, and nobody let in', async () => {
    const ada = await ground.signIn()
    const socket = await ada.open('/live')
    await redis.kill()
    ground.clock.advance(60_000)
    const page = await ada.load('/')
    expect([page.status, page.headers['retry-after']]).toEqual([503, '3'])
    expect(page.headers['set-cookie']).toBeUndefined()
    await expect(ada.open('/live')).rejects.toThrow('503')
    expect((await ada.load('/open/page')).status).toBe(200)
    expect(ground.app.seen.at(-1)?.headers['x-cloakroom-user']).toBeUndefined()
    expect((await ada.send('/_cloakroom/ready')).status).toBe(503)
    expect((await ada.send('/_cloakroom/live')).status).toBe(200)
    socket.send('still open')
    await once(socket, 'message')
    await redis.restart()
    await expect.poll(async () => (await ada.load('/')).status, { timeout: 15_000 }).toBe(200)
    socket.terminate()
  }, 40_000)
})
