import type { Ownership } from '../tunnel/resume-fence.ts'
import type { RedisConnection } from './engine.ts'

/** Longer than any session, so that a name does not become free while somebody may still say it. */
const keptSeconds = 30 * 86_400

const maxKept = 100_000

/** Keeps owners in the memory of the process, for one that is alone. */
export function createMemoryOwnership(): Ownership {
  const owners = new Map<string, string>()
  return {
    async claim(key, owner) {
      const found = owners.get(key)
      if (found !== undefined) return found
      owners.set(key, owner)
      if (owners.size > maxKept) owners.delete(owners.keys().next().value ?? '')
      return owner
    },
    find: async key => owners.get(key) ?? null,
  }
}

/** Keeps owners in Redis, where all workers find them. What cannot be told belongs to nobody. */
export function createRedisOwnership(redis: RedisConnection, prefix = 'cr:gw:owner:'): Ownership {
  return {
    async claim(key, owner) {
      try {
        const set = {
          condition: 'NX',
          expiration: { type: 'EX', value: keptSeconds },
          GET: true,
        } as const
        return (await redis.set(prefix + key, owner, set)) ?? owner
      } catch {
        return null
      }
    },
    find: key => redis.get(prefix + key).catch(() => null),
  }
}
