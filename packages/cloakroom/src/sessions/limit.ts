import type { SessionParts } from './parts.ts'
import type { SessionRecord } from './store.ts'

/**
 * Applies the limit to sessions that an older key of the ring named. The store counts those named by
 * the newest key itself, in the step that creates; while keys change, the others are counted here.
 */
export async function makeRoomElsewhere(
  parts: Pick<SessionParts<never>, 'store' | 'policy' | 'owners'>,
  userId: string,
): Promise<{ kept: number; ended: readonly SessionRecord[] }> {
  const { store, policy, owners } = parts
  const [, ...older] = owners.all(userId)
  if (policy.limit === null || older.length === 0) return { kept: 0, ended: [] }
  const { max, over } = policy.limit
  const records = (await Promise.all(older.map(owner => store.list(owner)))).flat()
  if (over === 'refuse') return { kept: Math.min(records.length, max), ended: [] }
  const age = over === 'end-oldest' ? 'createdAt' : 'seenAt'
  const newestFirst = records.toSorted((left, right) => right[age] - left[age])
  const surplus = newestFirst.slice(max - 1)
  const ended = await Promise.all(surplus.map(record => store.end(record.id)))
  return {
    kept: records.length - surplus.length,
    ended: ended.filter(record => record !== null),
  }
}
