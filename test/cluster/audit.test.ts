import { afterAll } from 'vitest'
import { describeAuditTrail } from '../../packages/cloakroom/src/audit/trail.contract.ts'
import { randomText } from '../../packages/cloakroom/src/core/random.ts'
import { createRedisAudit } from '../../packages/cloakroom/src/stores/redis/audit.ts'
import { createScriptRunner } from '../../packages/cloakroom/src/stores/redis/script.ts'
import { clusterClients } from '../support/redis-clients.ts'
import { startCluster } from '../support/redis-cluster.ts'

const cluster = await startCluster()
afterAll(() => cluster.stop())

for (const { name, connect } of clusterClients) {
  describeAuditTrail({
    name: `a Cluster, through ${name}`,
    async open() {
      const { client, close } = connect(cluster.url)
      await client.whenReady()
      const scripts = createScriptRunner(client)
      return {
        createStore: () => createRedisAudit({ scripts, prefix: `${randomText(8)}:` }),
        close: async () => close(),
      }
    },
  })
}
