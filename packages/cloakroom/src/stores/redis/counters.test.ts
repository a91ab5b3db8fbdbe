import { redisClients } from '../../../../../test/support/redis-clients.ts'
import { startRedis } from '../../../../../test/support/redis-server.ts'
import { randomText } from '../../core/random.ts'
import { describeArithmetic } from '../../protection/counter-arithmetic.contract.ts'
import { createRedisCounters } from './counters.ts'
import { createScriptRunner } from './script.ts'

const [nodeRedis] = redisClients

describeArithmetic({
  name: 'Redis',
  cases: 5000,
  windowsMs: [60_000, 3_600_000, 86_400_000],
  skipUs: 1_000_000,
  async open() {
    const server = await startRedis()
    const connected = nodeRedis?.connect(server.url)
    if (connected === undefined) throw new Error('There is no client to test with.')
    const scripts = createScriptRunner(connected.client)
    await scripts.command(null, ['PING'])
    return {
      createStore: clock => createRedisCounters({ scripts, prefix: `${randomText(8)}:`, clock }),
      async close() {
        connected.close()
        await server.stop()
      },
    }
  },
})
