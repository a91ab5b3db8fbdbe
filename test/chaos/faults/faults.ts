import { setTimeout as delay } from 'node:timers/promises'
import type { RedisServer } from '../../support/redis-server.ts'
import { command, type Engine, type EngineName } from './engines.ts'
import type { Fleet } from './fleet.ts'
import { moveSlots } from './slots.ts'

/** Something that goes wrong while the site is used. */
export interface Fault {
  readonly name: string
  readonly engine: EngineName
  /** Does it. Resolves when nothing is in the way of the site any more, as far as is known here. */
  strike(ground: Ground): Promise<void>
  /** Redis may lose what it had acknowledged, as it says of itself. @default false */
  readonly losesWrites?: boolean
  /** No request fails meanwhile. @default false */
  readonly isUnnoticed?: boolean
  readonly clocksOffMs?: readonly number[]
}

/** What a fault can take hold of. */
export interface Ground {
  readonly fleet: Fleet
  readonly engine: Engine
  /** Resolves when Redis takes writes of somebody else. */
  untilWritable(): Promise<void>
}

const minute = 60_000

/** What the site has to bear. */
export const faults: readonly Fault[] = [
  {
    name: 'a worker killed (kill -9)',
    engine: 'single',
    async strike({ fleet }) {
      await fleet.kill(1)
      await delay(500)
      await fleet.start(1)
    },
  },
  {
    name: 'Redis killed (kill -9), append-only file',
    engine: 'single',
    async strike({ engine: { server } }) {
      await server.kill()
      await delay(1000)
      await server.restart()
    },
  },
  {
    name: 'Redis loading for two seconds',
    engine: 'single',
    async strike({ engine: { server }, untilWritable }) {
      await rewriteFile(server)
      const pauseUs = Math.round(2_000_000 / Number(await command(server, 'DBSIZE')))
      await server.restart(['--key-load-delay', String(pauseUs)])
      await untilWritable()
    },
  },
  {
    name: 'Cluster: a master killed (kill -9)',
    engine: 'cluster',
    losesWrites: true,
    async strike({ engine: { server }, untilWritable }) {
      await server.kill()
      await untilWritable()
    },
  },
  {
    name: 'Cluster: a master hangs',
    engine: 'cluster',
    losesWrites: true,
    async strike({ engine: { server }, untilWritable }) {
      server.freeze()
      await untilWritable()
    },
  },
  {
    name: 'Cluster: slots moved to another master',
    engine: 'cluster',
    isUnnoticed: true,
    strike: ({ engine: { servers } }) => moveSlots(servers, { start: 0, count: 400 }),
  },
  {
    name: 'Sentinel: the master killed (kill -9)',
    engine: 'sentinel',
    losesWrites: true,
    async strike({ engine: { server }, untilWritable }) {
      await server.kill()
      await untilWritable()
    },
  },
  {
    name: 'network silent for five seconds',
    engine: 'relayed',
    async strike({ engine: { relay } }) {
      relay?.pause()
      await delay(5000)
      relay?.resume()
    },
  },
  {
    name: 'network loses all answers, three times',
    engine: 'relayed',
    async strike({ engine: { relay } }) {
      for (let time = 0; time < 3; time += 1) {
        // What was asked is done, and nobody is told.
        relay?.mute('answers')
        await delay(1000)
      }
    },
  },
  {
    name: 'network cut, five times',
    engine: 'relayed',
    async strike({ engine: { relay } }) {
      for (let time = 0; time < 5; time += 1) {
        relay?.cut()
        await delay(200)
      }
    },
  },
  {
    name: 'network slow, 150 ms each way',
    engine: 'relayed',
    isUnnoticed: true,
    async strike({ engine: { relay } }) {
      relay?.delay(150)
      await delay(3000)
      relay?.delay(0)
    },
  },
  {
    name: 'Redis full (noeviction)',
    engine: 'single',
    async strike({ engine: { server } }) {
      await command(server, 'CONFIG', 'SET', 'maxmemory', '1mb')
      await delay(3000)
      await command(server, 'CONFIG', 'SET', 'maxmemory', '0')
    },
  },
  {
    name: 'Redis read-only (a replica)',
    engine: 'single',
    async strike({ engine: { server } }) {
      // A master that nobody answers for: it keeps what it has, and takes no writes.
      await command(server, 'REPLICAOF', '127.0.0.1', '1')
      await delay(3000)
      await command(server, 'REPLICAOF', 'NO', 'ONE')
    },
  },
  {
    name: 'scripts forgotten (SCRIPT FLUSH), 50 times',
    engine: 'single',
    isUnnoticed: true,
    async strike({ engine: { server } }) {
      for (let time = 0; time < 50; time += 1) {
        await command(server, 'SCRIPT', 'FLUSH')
        await delay(40)
      }
    },
  },
  {
    name: 'clocks of two workers ten minutes off',
    engine: 'single',
    isUnnoticed: true,
    clocksOffMs: [0, 10 * minute, 0, -10 * minute],
    strike: () => delay(3000),
  },
]

/** Has the file hold every key once, so that what takes time is the keys. */
async function rewriteFile(server: RedisServer): Promise<void> {
  await command(server, 'BGREWRITEAOF')
  const isRewriting = async (): Promise<boolean> =>
    /aof_rewrite_(in_progress|scheduled):1/.test(
      String(await command(server, 'INFO', 'persistence')),
    )
  while (await isRewriting()) await delay(20)
}
