import type { SessionParts } from './parts.ts'
import type { CreateRequest, SessionRecord } from './store.ts'

/** What is left of the limit for the store to apply, and what had to end for it. */
export interface Room {
  readonly limit: CreateRequest['limit']
  readonly ended: readonly SessionRecord[]
}

/**
 * Prepares the limit for a session that is about to begin.
 *
 * The store counts and ends sessions of the same owner itself, in the step that creates. While keys
 * change, a user's older sessions have another owner's name: these are counted and ended here, in
 * steps of their own, so that sign-ins in parallel may exceed the limit during that time.
 *
 * @param replaces the session whose place is taken, which does not count.
 */
export async function makeRoom(
  parts: Pick<SessionParts<never>, 'store' | 'policy' | 'owners'>,
  userId: string | null,
  replaces: string | null,
): Promise<Room> {
  const { store, owners } = parts
  const { limit } = parts.policy
  if (limit === null || userId === null) return { limit: null, ended: [] }
  const older = owners.older(userId)
  if (older.length === 0) return { limit, ended: [] }
  const everywhere = [owners.current(userId), ...older]
  const lists = await Promise.all(everywhere.map(owner => store.list(owner)))
  const [own = [], ...others] = lists.map(list => list.filter(({ id }) => id !== replaces))
  const elsewhere = others.flat()
  if (limit.over === 'refuse') return { limit: reduce(limit, elsewhere.length), ended: [] }
  const age = limit.over === 'end-oldest' ? 'createdAt' : 'seenAt'
  const all = [...elsewhere, ...own].toSorted((left, right) => left[age] - right[age])
  const surplus = all.slice(0, Math.max(0, all.length - limit.max + 1))
  const ending = surplus.filter(record => elsewhere.includes(record))
  const ended = await Promise.all(ending.map(({ id }) => store.end(id)))
  return {
    limit: reduce(limit, elsewhere.length - ending.length),
    ended: ended.filter(record => record !== null),
  }
}

function reduce(limit: NonNullable<Room['limit']>, taken: number): NonNullable<Room['limit']> {
  return { ...limit, max: Math.max(0, limit.max - taken) }
}
