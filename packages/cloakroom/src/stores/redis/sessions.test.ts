import { redisClients } from '../../../../../test/support/redis-clients.ts'
import { startRedis } from '../../../../../test/support/redis-server.ts'
import { describeSessions } from '../../sessions/manager.contract.ts'
import { createKeys } from './keys.ts'
import { createScriptRunner } from './script.ts'
import { createRedisSessions } from './sessions.ts'

for (const { name, connect } of redisClients) {
  describeSessions({
    name,
    async open() {
      const server = await startRedis()
      const { client, close } = connect(server.url)
      await client.whenReady()
      const scripts = createScriptRunner(client)
      return {
        async createStore(clock) {
          await client.command(null, ['FLUSHALL'])
          return createRedisSessions({ scripts, keys: createKeys('cr:'), clock })
        },
        async close() {
          close()
          await server.stop()
        },
      }
    },
  })
}
