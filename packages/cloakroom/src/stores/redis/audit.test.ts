import { redisClients } from '../../../../../test/support/redis-clients.ts'
import { startRedis } from '../../../../../test/support/redis-server.ts'
import { describeAuditTrail } from '../../audit/trail.contract.ts'
import { randomText } from '../../core/random.ts'
import { createRedisAudit } from './audit.ts'
import { createScriptRunner } from './script.ts'

for (const { name, connect } of redisClients) {
  describeAuditTrail({
    name,
    async open() {
      const server = await startRedis()
      const connected = connect(server.url)
      const scripts = createScriptRunner(connected.client)
      return {
        createStore: () => createRedisAudit({ scripts, prefix: `${randomText(8)}:` }),
        async close() {
          connected.close()
          await server.stop()
        },
      }
    },
  })
}
