import { createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { startWorkers, type Worker } from '../support/workers.ts'

describe.each([2, 4])('a session that ends in one of %i processes', count => {
  let server: RedisServer
  let workers: readonly Worker[]
  let sessions: ReturnType<typeof createCloakroom>['sessions']
  let close: () => void

  beforeAll(async () => {
    server = await startRedis()
    workers = await startWorkers(count, server.url)
    const cloakroom = createCloakroom({
      redis: createClient({ url: server.url }),
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
      nearCache: true,
      audit: false,
      env: {},
    })
    sessions = cloakroom.sessions
    close = cloakroom.close
  })
  afterAll(async () => {
    close()
    await Promise.all(workers.map(worker => worker.stop()))
    await server.stop()
  })

  const readEverywhere = (token: string): Promise<readonly string[]> =>
    Promise.all(workers.map(worker => worker.validate(token)))

  /** A session that every process answers from memory. */
  async function createKnown(): Promise<{ token: string; id: string }> {
    const { token, session } = await sessions.create({ id: 'alice' })
    const hitsBefore = await countHits()
    await readEverywhere(token)
    expect(new Set(await readEverywhere(token))).toEqual(new Set(['valid']))
    expect((await countHits()) - hitsBefore).toBe(count)
    return { token, id: session.id }
  }

  async function countHits(): Promise<number> {
    const stats = await Promise.all(workers.map(worker => worker.stats()))
    return stats.reduce((sum, { hits }) => sum + hits, 0)
  }

  const first = (): Worker => {
    const [worker] = workers
    if (worker === undefined) throw new Error('There are no workers.')
    return worker
  }

  const ways: [string, (id: string) => Promise<unknown>][] = [
    ['by its handle', id => first().revoke(id)],
    ['with all of its user', () => first().signOut('alice')],
    ['with everybody’s', () => first().signOut(null)],
    ['to make room', () => Promise.all(Array.from({ length: 5 }, () => signIn()))],
  ]
  const signIn = (): Promise<unknown> => sessions.create({ id: 'alice' })

  it.each(ways)('is refused by all of them when it ends %s', async (_how, end) => {
    for (let round = 0; round < 5; round += 1) {
      const { token, id } = await createKnown()
      await end(id)
      const endedAt = performance.now()
      await expect
        .poll(async () => new Set(await readEverywhere(token)), { interval: 1, timeout: 1000 })
        .toEqual(new Set(['absent']))
      expect(performance.now() - endedAt).toBeLessThan(1000)
      // Once refused, it stays so: nothing puts it back into memory.
      expect(new Set(await readEverywhere(token))).toEqual(new Set(['absent']))
      await sessions.revokeAll('alice')
    }
  })
})
