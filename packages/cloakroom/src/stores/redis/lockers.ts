import { fromUtf8 } from '../../core/bytes.ts'
import type { LockerStore } from '../../sessions/locker-store.ts'
import type { Keys } from './keys.ts'
import type { ScriptRunner } from './script.ts'
import { writeLocker } from './scripts.generated.ts'

/** What {@link createRedisLockers} needs. */
export interface RedisLockersOptions {
  readonly scripts: ScriptRunner
  readonly keys: Keys
}

/** Lockers in Redis: each a hash, in the slot of what it belongs to. */
export function createRedisLockers({ scripts, keys }: RedisLockersOptions): LockerStore {
  return {
    async read(place) {
      const key = keys.locker(place)
      const reply = await scripts.command(key, ['HMGET', key, 'version', 'key', 'sealed'])
      const [version, keyId, sealed] = Array.isArray(reply) ? reply : []
      if (!(version instanceof Uint8Array && keyId instanceof Uint8Array)) return null
      if (!(sealed instanceof Uint8Array)) return null
      return { version: Number(fromUtf8(version)), keyId: fromUtf8(keyId), sealed }
    },
    async write(place, { version, keyId, sealed }, ttlMs) {
      const locker = keys.locker(place)
      const ttl = Math.ceil(ttlMs)
      return (await scripts.run(writeLocker, { locker, version, keyId, sealed, ttl })) === 1
    },
    async clear(place) {
      const key = keys.locker(place)
      await scripts.command(key, ['DEL', key])
    },
  }
}
