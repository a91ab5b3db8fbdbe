import { redisClients } from '../../../../../test/support/redis-clients.ts'
import { startRedis } from '../../../../../test/support/redis-server.ts'
import type { Clock } from '../../core/clock.ts'
import { randomText } from '../../core/random.ts'
import { describeArithmetic } from '../../protection/counter-arithmetic.contract.ts'
import { describeCounters } from '../../protection/counters.contract.ts'
import { createRedisCounters } from './counters.ts'
import { createScriptRunner } from './script.ts'

async function openGround(connect: (typeof redisClients)[number]['connect']) {
  const server = await startRedis()
  const connected = connect(server.url)
  const scripts = createScriptRunner(connected.client)
  await scripts.command(null, ['PING'])
  return {
    createStore: (clock: Clock) =>
      createRedisCounters({ scripts, prefix: `${randomText(8)}:`, clock }),
    async close() {
      connected.close()
      await server.stop()
    },
  }
}

for (const { name, connect } of redisClients) {
  describeCounters({ name, open: () => openGround(connect) })
}

for (const { name, connect } of redisClients.slice(0, 1)) {
  describeArithmetic({
    name,
    cases: 5000,
    windowsMs: [60_000, 3_600_000, 86_400_000],
    skipUs: 1_000_000,
    open: () => openGround(connect),
  })
}
