import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemClock } from '../../packages/cloakroom/src/core/clock.ts'
import {
  createSessionManager,
  type SessionManager,
} from '../../packages/cloakroom/src/sessions/manager.ts'
import { createKeys } from '../../packages/cloakroom/src/stores/redis/keys.ts'
import { createScriptRunner } from '../../packages/cloakroom/src/stores/redis/script.ts'
import { createRedisSessions } from '../../packages/cloakroom/src/stores/redis/sessions.ts'
import { clusterClients } from '../support/redis-clients.ts'
import { type RedisCluster, startCluster } from '../support/redis-cluster.ts'

describe.each(clusterClients)('changes on a Cluster, through $name', ({ connect }) => {
  const closers: (() => void)[] = []
  let cluster: RedisCluster
  let writer: SessionManager
  let near: SessionManager
  beforeAll(async () => {
    cluster = await startCluster()
    writer = await openManager(false)
    near = await openManager(true)
  })
  afterAll(async () => {
    near.close()
    for (const close of closers) close()
    await cluster.stop()
  })

  async function openManager(nearCache: boolean): Promise<SessionManager> {
    const { client, close } = connect(cluster.url)
    closers.push(close)
    await client.whenReady()
    return createSessionManager({
      store: createRedisSessions({ scripts: createScriptRunner(client), keys: createKeys('cr:') }),
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      clock: systemClock,
      events: { emit: () => undefined },
      nearCache,
    })
  }

  const isAlive = (): boolean => near.nearCache?.stats().isAlive === true
  const untilAlive = (isIt = true): Promise<void> =>
    expect.poll(isAlive, { interval: 10, timeout: 10_000 }).toBe(isIt)

  it('are heard from whichever node they happen on', async () => {
    await untilAlive()
    const users = Array.from({ length: 30 }, (_, index) => `user-${index}`)
    const issued = await Promise.all(users.map(id => writer.create({ id })))
    for (const { token } of issued) {
      await near.validate(token)
      await near.validate(token)
    }
    expect(near.nearCache?.stats().hits).toBeGreaterThan(20)
    await Promise.all(users.map(id => writer.revokeAll(id)))
    const states = async () =>
      (await Promise.all(issued.map(({ token }) => near.validate(token)))).map(read => read.state)
    await expect
      .poll(async () => new Set(await states()), { interval: 5 })
      .toEqual(new Set(['absent']))
    await writer.raiseEpoch({ all: true })
    await expect.poll(() => near.nearCache?.stats().size).toBe(0)
  })

  it('are not proven to be heard while one node is lost', async () => {
    await untilAlive()
    const lost = cluster.nodes[2]
    await lost?.kill()
    await untilAlive(false)
    await lost?.restart()
    await untilAlive()
  })
})
