import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import { findFreePort, launch, type RedisServer, startRedis } from './redis-server.ts'

/** A master, its replica, and the Sentinel that watches them. */
export interface RedisSentinel {
  /** What clients call the group of servers. */
  readonly name: string
  readonly sentinelPort: number
  readonly master: RedisServer
  stop(): Promise<void>
}

/** Starts a {@link RedisSentinel} that replaces a master within about two seconds. */
export async function startSentinel(): Promise<RedisSentinel> {
  const name = 'main'
  const master = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
  const args = ['--replicaof', '127.0.0.1', String(master.port)]
  const replica = await startRedis({ args })
  const sentinelPort = await findFreePort()
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-sentinel-'))
  const path = join(folder, 'sentinel.conf')
  const lines = [
    `port ${sentinelPort}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${master.port} 1`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 2000`,
  ]
  await writeFile(path, `${lines.join('\n')}\n`)
  const child = await launch([path, '--sentinel'], sentinelPort)
  await untilReplicaIsKnown(sentinelPort, name)
  return {
    name,
    sentinelPort,
    master,
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await Promise.all([exited, master.stop(), replica.stop()])
      await rm(folder, { recursive: true })
    },
  }
}

async function untilReplicaIsKnown(port: number, name: string): Promise<void> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  await client.connect()
  for (;;) {
    const info = String(await client.sendCommand(['INFO', 'sentinel']))
    const replicas = JSON.stringify(await client.sendCommand(['SENTINEL', 'REPLICAS', name]))
    if (info.includes('slaves=1') && /"master-link-status"[:,]"ok"/.test(replicas)) break
    await delay(50)
  }
  client.destroy()
}
