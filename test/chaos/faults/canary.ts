import { setTimeout as delay } from 'node:timers/promises'
import { connectRedisClient } from '../../../packages/cloakroom/src/stores/redis/driver-recognize.ts'
import { openNative, type RedisAddress } from '../../support/redis-addresses.ts'

/** What Redis itself lost of what it had acknowledged. Instants are by `performance.now`. */
export interface Loss {
  /** How many of the canary's writes. */
  readonly writes: number
  /** Nothing that was acknowledged outside of these is lost. */
  readonly spans: readonly { readonly from: number; readonly to: number }[]
}

/** Writes to Redis without Cloakroom, a hundred times a second, to see what Redis loses. */
export interface Canary {
  /** When the first write was acknowledged after this instant; infinity while none was. */
  firstAfter(instant: number): number
  /** What a server lost that was struck at this instant. */
  findLoss(struckAt: number): Promise<Loss>
  close(): void
}

interface Write {
  readonly sentAt: number
  readonly acknowledgedAt: number
}

const key = 'canary'

/** Starts a {@link Canary}. Servers lose the latest writes first, so that one key tells of all. */
export function startCanary(address: RedisAddress, tag = ''): Canary {
  const client = connectRedisClient(openNative('ioredis', address))
  const name = `${key}{${tag || key}}`
  const writes = new Map<string, Write>()
  let isClosed = false

  async function run(): Promise<void> {
    for (let number = 1; !isClosed; number += 1) {
      const sentAt = performance.now()
      try {
        await inTime(client.whenReady())
        await inTime(client.command(name, ['RPUSH', name, String(number)]))
        writes.set(String(number), { sentAt, acknowledgedAt: performance.now() })
      } catch {
        // It was not acknowledged.
        client.renew()
      }
      await delay(10)
    }
  }

  void run()
  return {
    firstAfter(instant) {
      const later = [...writes.values()].find(({ acknowledgedAt }) => acknowledgedAt > instant)
      return later?.acknowledgedAt ?? Number.POSITIVE_INFINITY
    },
    async findLoss(struckAt) {
      await client.whenReady()
      const kept = new Set(
        ((await client.command(name, ['LRANGE', name, '0', '-1'])) as unknown[]).map(String),
      )
      const all = [...writes].map(([number, write]) => ({ ...write, isKept: kept.has(number) }))
      const survivors = all.filter(({ isKept }) => isKept)
      const spans = survivors.flatMap((before, index) => {
        const from = before.sentAt
        const to = survivors[index + 1]?.acknowledgedAt ?? Number.POSITIVE_INFINITY
        const isStruck = from < struckAt && to >= struckAt
        const isLossy = all.some(({ isKept, sentAt }) => !isKept && sentAt > from && sentAt < to)
        return isStruck || isLossy ? [{ from, to }] : []
      })
      return { writes: all.length - survivors.length, spans }
    },
    close() {
      isClosed = true
      client.close()
    },
  }
}

async function inTime(work: Promise<unknown>): Promise<void> {
  const late = delay(500).then(() => Promise.reject(new Error('It takes too long.')))
  await Promise.race([work, late])
}
