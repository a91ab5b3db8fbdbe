import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { drivers, type RedisAddress } from '../../support/redis-addresses.ts'
import { siteProgram } from './build.ts'
import type { SiteOptions } from './site.ts'

/** The processes that serve the site, each with another client of Redis. */
export interface Fleet {
  /** Ports of those that run. */
  ports(): readonly number[]
  /** Ends one without a word. */
  kill(index: number): Promise<void>
  start(index: number): Promise<void>
  /** Bytes that each holds on to. */
  measureHeaps(): Promise<readonly number[]>
  stop(): Promise<void>
}

interface Member {
  readonly child: ChildProcess
  readonly port: number
}

/** Starts four processes. @param clocksOffMs how far their clocks are off */
export async function startFleet(
  address: RedisAddress,
  clocksOffMs: readonly number[] = [0, 0, 0, 0],
): Promise<Fleet> {
  const members: (Member | null)[] = clocksOffMs.map(() => null)

  async function start(index: number): Promise<void> {
    const driver = drivers[index % drivers.length] ?? 'redis'
    const options: SiteOptions = { driver, address, clockOffMs: clocksOffMs[index] ?? 0 }
    const child = spawn(process.execPath, ['--expose-gc', siteProgram, JSON.stringify(options)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    const ended = once(child, 'exit').then(() => Promise.reject(new Error('The site ended.')))
    const [port] = await Promise.race([once(child, 'message'), ended])
    ended.catch(() => undefined)
    members[index] = { child, port: Number(port) }
  }

  async function kill(index: number): Promise<void> {
    const member = members[index] ?? null
    members[index] = null
    if (member === null) return
    const exited = once(member.child, 'exit')
    member.child.kill('SIGKILL')
    await exited
  }

  const running = (): Member[] => members.filter(member => member !== null)
  await Promise.all(members.map((_member, index) => start(index)))
  return {
    ports: () => running().map(({ port }) => port),
    kill,
    start,
    measureHeaps: () => Promise.all(running().map(measureHeap)),
    async stop() {
      await Promise.all(members.map((_member, index) => kill(index)))
    },
  }
}

async function measureHeap({ child }: Member): Promise<number> {
  const answered = once(child, 'message')
  child.send('heap')
  const [heap] = await answered
  return Number(heap)
}
