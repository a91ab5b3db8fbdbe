import { type Cloakroom, createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { drivers, openNative, type RedisAddress } from '../support/redis-addresses.ts'
import { startCluster } from '../support/redis-cluster.ts'
import { readClusterRights, readRedisRights } from '../support/redis-rights.ts'
import { startSentinel } from '../support/redis-sentinel.ts'
import { startTlsRedis } from '../support/redis-tls.ts'
import { walkCloakroom } from '../support/session-walk.ts'

interface Engine {
  readonly address: RedisAddress
  /** Each server, past TLS and users. */
  readonly urls: readonly string[]
  stop(): Promise<void>
}

const engines: Readonly<Record<string, () => Promise<Engine>>> = {
  async 'a server with TLS and a user of its own'() {
    const { server, port, certificate, stop } = await startTlsRedis()
    await tell([server.url], await readRedisRights())
    const url = `rediss://cloakroom:password@127.0.0.1:${port}`
    return { address: { kind: 'single', url, certificate }, urls: [server.url], stop }
  },
  async 'a Cluster with replicas and a user of its own'() {
    const { nodes, replicas, stop } = await startCluster({ replicas: 1 })
    const urls = [...nodes, ...replicas].map(({ url }) => url)
    await tell(urls, [...(await readRedisRights()), ...(await readClusterRights())])
    return { address: { kind: 'cluster', urls, username: 'cloakroom' }, urls, stop }
  },
  async 'a master with two replicas and three Sentinels'() {
    const { name, sentinelPorts, master, stop } = await startSentinel({ replicas: 2, sentinels: 3 })
    return { address: { kind: 'sentinel', name, ports: sentinelPorts }, urls: [master.url], stop }
  },
}

describe.each(Object.entries(engines))('Cloakroom on %s', (_what, start) => {
  let engine: Engine
  beforeAll(async () => {
    engine = await start()
  })
  afterAll(() => engine.stop())

  describe.each(drivers)('through %s', driver => {
    let here: Cloakroom
    /** Another process, which answers from memory. */
    let near: Cloakroom
    beforeAll(() => {
      here = open(false)
      near = open(true)
    })
    afterAll(() => {
      here.close()
      near.close()
    })

    function open(nearCache: boolean): Cloakroom {
      return createCloakroom({
        redis: openNative(driver, engine.address) as never,
        secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
        cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
        nearCache,
        audit: false,
        env: {},
      })
    }

    const users = Array.from({ length: 12 }, (_, index) => `${driver}-${index}`)

    it('does everything, on every server', async () => {
      for (const user of users) await walkCloakroom(here, user)
    })

    it('does so when all scripts are forgotten', async () => {
      await tell(engine.urls, ['SCRIPT', 'FLUSH'])
      for (const user of users) await walkCloakroom(here, `${user}-again`)
    })

    it('tells every process what changed', async () => {
      await expect
        .poll(() => near.sessions.nearCache?.stats().isAlive, { timeout: 10_000 })
        .toBe(true)
      const issued = await Promise.all(users.map(id => here.sessions.create({ id })))
      const readAll = (): Promise<string[]> =>
        Promise.all(issued.map(async ({ token }) => (await near.sessions.validate(token)).state))
      await readAll()
      const before = near.sessions.nearCache?.stats().hits ?? 0
      expect(new Set(await readAll())).toEqual(new Set(['valid']))
      expect((near.sessions.nearCache?.stats().hits ?? 0) - before).toBe(users.length)
      await Promise.all(issued.map(({ session }) => here.sessions.revoke(session.id)))
      await expect
        .poll(async () => new Set(await readAll()), { interval: 5 })
        .toEqual(new Set(['absent']))
    })
  })

  it('refuses nothing, but for what tells a process that there is a Cluster', async () => {
    const told = (await tell(engine.urls, ['INFO', 'errorstats'])).join()
    expect(told).not.toMatch(/errorstat_(NOPERM|NOAUTH|READONLY)/)
    const counts = [...told.matchAll(/errorstat_CROSSSLOT:count=(\d+)/g)].map(([, count]) => count)
    const refused = counts.reduce((sum, count) => sum + Number(count), 0)
    if (engine.address.kind !== 'cluster') return expect(refused).toBe(0)
    // Sessions and limits find out by themselves, in two processes for each client.
    expect(refused).toBeGreaterThan(0)
    expect(refused).toBeLessThanOrEqual(2 * 2 * drivers.length)
  })
})

/** Tells each server the same. */
async function tell(urls: readonly string[], command: string[]): Promise<string[]> {
  return Promise.all(
    urls.map(async url => {
      const client = await createClient({ url }).connect()
      const reply = String(await client.sendCommand(command))
      client.destroy()
      return reply
    }),
  )
}
