import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { NearCacheStats } from '../../packages/cloakroom/src/sessions/near-cache.ts'
import type { WorkerCall } from './session-worker.ts'
import { forkSource } from './source-process.ts'

/** A process of its own with sessions and a near cache, as one of a cluster of servers. */
export interface Worker {
  /** How the session of a token is read there. */
  validate(token: string): Promise<'valid' | 'absent' | 'unavailable'>
  revoke(id: string): Promise<boolean>
  /** Ends all sessions of a user, or of everybody. */
  signOut(user: string | null): Promise<void>
  stats(): Promise<NearCacheStats>
  stop(): Promise<void>
}

const source = new URL('./session-worker.ts', import.meta.url)

/** Starts workers on one Redis. */
export function startWorkers(count: number, url: string): Promise<readonly Worker[]> {
  return Promise.all(Array.from({ length: count }, () => startWorker(url)))
}

async function startWorker(url: string): Promise<Worker> {
  const { child } = await forkSource(source, 'serve', { url })
  const ask = createAsker(child)
  return {
    validate: token => ask({ name: 'validate', token }) as ReturnType<Worker['validate']>,
    revoke: id => ask({ name: 'revoke', id }) as Promise<boolean>,
    signOut: user => ask({ name: 'signOut', user }) as Promise<void>,
    stats: () => ask({ name: 'stats' }) as Promise<NearCacheStats>,
    async stop() {
      const exited = once(child, 'exit')
      child.disconnect()
      await exited
    },
  }
}

function createAsker(child: ChildProcess): (call: WorkerCall) => Promise<unknown> {
  const waiting = new Map<number, { resolve(result: unknown): void; reject(error: Error): void }>()
  let number = 0
  child.on('message', (answer: { number: number; result?: unknown; error?: string }) => {
    const asker = waiting.get(answer.number)
    waiting.delete(answer.number)
    if (answer.error === undefined) asker?.resolve(answer.result)
    else asker?.reject(new Error(answer.error))
  })
  return call =>
    new Promise((resolve, reject) => {
      number += 1
      waiting.set(number, { resolve, reject })
      child.send({ number, call })
    })
}
