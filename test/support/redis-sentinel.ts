import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { createClient } from 'redis'
import { findFreePort, launch, type RedisServer, startRedis } from './redis-server.ts'

/** A master, its replicas, and the Sentinels that watch them. */
export interface RedisSentinel {
  /** What clients call the group of servers. */
  readonly name: string
  /** The first of {@link RedisSentinel.sentinelPorts}. */
  readonly sentinelPort: number
  readonly sentinelPorts: readonly number[]
  readonly master: RedisServer
  stop(): Promise<void>
}

const name = 'main'

interface Sentinel {
  readonly port: number
  stop(): Promise<void>
}

/** Starts a {@link RedisSentinel} that replaces a master within about two seconds. */
export async function startSentinel({
  replicas: replicaCount = 1,
  sentinels: sentinelCount = 1,
} = {}): Promise<RedisSentinel> {
  const master = await startRedis({ args: ['--repl-diskless-sync-delay', '0'] })
  const args = ['--replicaof', '127.0.0.1', String(master.port)]
  const replicas = await Promise.all(
    Array.from({ length: replicaCount }, () => startRedis({ args })),
  )
  const quorum = Math.floor(sentinelCount / 2) + 1
  const sentinels = await Promise.all(
    Array.from({ length: sentinelCount }, () => startOne(master.port, quorum)),
  )
  const sentinelPorts = sentinels.map(({ port }) => port)
  await Promise.all(
    sentinelPorts.map(port => untilAllAreKnown(port, { replicaCount, sentinelCount })),
  )
  return {
    name,
    sentinelPort: sentinelPorts[0] ?? 0,
    sentinelPorts,
    master,
    async stop() {
      await Promise.all([...sentinels, master, ...replicas].map(each => each.stop()))
    },
  }
}

async function startOne(masterPort: number, quorum: number): Promise<Sentinel> {
  const port = await findFreePort()
  const folder = await mkdtemp(join(tmpdir(), 'cloakroom-sentinel-'))
  const path = join(folder, 'sentinel.conf')
  const lines = [
    `port ${port}`,
    'bind 127.0.0.1',
    `dir ${folder}`,
    `sentinel monitor ${name} 127.0.0.1 ${masterPort} ${quorum}`,
    `sentinel down-after-milliseconds ${name} 500`,
    `sentinel failover-timeout ${name} 2000`,
  ]
  await writeFile(path, `${lines.join('\n')}\n`)
  const child: ChildProcess = await launch([path, '--sentinel'], port)
  return {
    port,
    async stop() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
      await rm(folder, { recursive: true })
    },
  }
}

async function untilAllAreKnown(
  port: number,
  { replicaCount, sentinelCount }: { replicaCount: number; sentinelCount: number },
): Promise<void> {
  const client = createClient({ url: `redis://127.0.0.1:${port}` })
  await client.connect()
  const known = `slaves=${replicaCount},sentinels=${sentinelCount}`
  for (;;) {
    const info = String(await client.sendCommand(['INFO', 'sentinel']))
    const replicas = JSON.stringify(await client.sendCommand(['SENTINEL', 'REPLICAS', name]))
    const linked = replicas.match(/"master-link-status"[:,]"ok"/g) ?? []
    if (info.includes(known) && linked.length === replicaCount) break
    await delay(50)
  }
  client.destroy()
}
