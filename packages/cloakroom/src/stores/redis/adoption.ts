import { fromUtf8 } from '../../core/bytes.ts'
import type { AdoptionStore } from '../../sessions/adoption-store.ts'
import { createAdoptionKeys } from './adoption-keys.ts'
import type { ScriptRunner } from './script.ts'

/** What {@link createRedisAdoption} needs. */
export interface RedisAdoptionOptions {
  readonly scripts: ScriptRunner
  /** Of every key, as for the sessions. */
  readonly prefix: string
}

/** No request is under way for longer. */
const graveMs = 3_600_000

/** No session lives longer. */
const longestMs = 400 * 86_400_000

/** What adopted sessions keep in Redis beside their records. */
export function createRedisAdoption({ scripts, prefix }: RedisAdoptionOptions): AdoptionStore {
  const keys = createAdoptionKeys(prefix)
  return {
    async bury(id) {
      const key = keys.grave(id)
      await scripts.command(key, ['SET', key, '', 'PX', String(graveMs)])
    },
    async isBuried(id) {
      const key = keys.grave(id)
      return (await scripts.command(key, ['EXISTS', key])) === 1
    },
    async link(owner, id, now) {
      const key = keys.links(owner)
      await Promise.all([
        scripts.command(key, ['ZADD', key, String(now), id]),
        scripts.command(key, ['PEXPIRE', key, String(longestMs)]),
      ])
    },
    async unlink(owner, ids) {
      const key = keys.links(owner)
      if (ids.length > 0) await scripts.command(key, ['ZREM', key, ...ids])
    },
    async linked(owner, until) {
      const key = keys.links(owner)
      const reply = await scripts.command(key, ['ZRANGEBYSCORE', key, '-inf', String(until)])
      const members = Array.isArray(reply) ? reply : []
      return members.flatMap(member => (member instanceof Uint8Array ? [fromUtf8(member)] : []))
    },
  }
}
