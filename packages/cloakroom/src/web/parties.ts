import type { SessionState } from '../sessions/state.ts'
import type { CurrentUser } from './session-types.ts'

/** Who is signed in by a session. */
export function userOf(state: SessionState<unknown> | null): CurrentUser | null {
  if (state === null || state.userId === null) return null
  const { userId: id, permissions, tenant, actorId } = state
  const actor = actorId === null ? null : { id: actorId }
  return { id, role: state.role ?? 'user', permissions, tenant, actor }
}

/** Both ids of whoever is behind a session, for events. */
export function partiesOf(user: CurrentUser | null): {
  readonly userId?: string
  readonly actorId?: string
} {
  if (user === null) return {}
  return { userId: user.id, ...(user.actor && { actorId: user.actor.id }) }
}
