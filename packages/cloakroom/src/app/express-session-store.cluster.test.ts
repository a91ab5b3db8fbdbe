import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openExpressSessionStore } from '../../../../test/support/express-session-store.ts'
import { clusterClients } from '../../../../test/support/redis-clients.ts'
import { type RedisCluster, startCluster } from '../../../../test/support/redis-cluster.ts'

let cluster: RedisCluster
beforeAll(async () => {
  cluster = await startCluster()
})
afterAll(() => cluster.stop())

describe.each(clusterClients)('createExpressSessionStore on a Cluster by $name', factory => {
  it('keeps, lists and ends sessions wherever their keys are', async () => {
    const connection = factory.connect(cluster.url)
    const { store, begin, load, save, destroy, length } = openExpressSessionStore(connection)
    const ids = Array.from({ length: 12 }, (_, index) => `${factory.name} ${index}`)
    const user = `user of ${factory.name}`
    await Promise.all(ids.map(id => save(begin(id, { user, name: id }))))
    expect(await store.listUser(user)).toHaveLength(12)
    for (const id of ids) expect({ ...(await load(id)) }).toMatchObject({ user, name: id })
    await destroy(ids[0] ?? '')
    expect(await store.revokeUser(user, ids[1])).toBe(10)
    expect(await load(ids[2] ?? '')).toBeUndefined()
    expect(await load(ids[1] ?? '')).toBeDefined()
    expect(await length()).toBe(1)
    await destroy(ids[1] ?? '')
    store.close()
    connection.close()
  })
})
