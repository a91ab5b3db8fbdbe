import { type Account, type AccountView, viewOf } from '../account/account.ts'
import type { Visit } from '../account/ports.ts'
import { type AccountPermission, outranks } from '../account/roles.ts'
import { type Refusal, refuse, type Success } from './outcome.ts'
import { isRecent, type OwnerRefusal, requireOwner } from './owner.ts'
import { type FlowParts, report } from './parts.ts'

/** Why somebody may not do something to other accounts. */
export type AuthorizationRefusal = OwnerRefusal | Refusal<'forbidden'>

/** What is asked of whoever acts. */
export interface Authorization {
  readonly permission: AccountPermission
  /** Whether they must have proved who they are a short time ago. @default false */
  readonly isRecent?: boolean
}

/** Judges what somebody may do beyond their own account, for what is done outside of these flows. */
export interface AuthorizationFlows {
  /** Whoever is signed in, when they may do this now, whatever the session says. */
  authorize(
    demand: Authorization,
    visit: Visit,
  ): Promise<Success<{ readonly actor: AccountView }> | AuthorizationRefusal>
  /** The same for something that is done to one account, which must be below the actor's. */
  authorizeOn(
    demand: Authorization & { readonly accountId: string },
    visit: Visit,
  ): Promise<
    | Success<{ readonly actor: AccountView; readonly account: AccountView }>
    | AuthorizationRefusal
    | Refusal<'gone'>
  >
}

/** Makes {@link AuthorizationFlows}. */
export function createAuthorizationFlows(parts: FlowParts): AuthorizationFlows {
  return {
    async authorize(demand, visit) {
      const allowed = await authorize(parts, visit, demand)
      return allowed.ok ? { ok: true, actor: viewOf(allowed.actor) } : allowed
    },
    async authorizeOn(demand, visit) {
      const allowed = await authorizeOn(parts, visit, demand)
      if (!allowed.ok) return allowed
      return { ok: true, actor: viewOf(allowed.actor), account: viewOf(allowed.account) }
    },
  }
}

/** The account of whoever is signed in, when it may do this now, whatever the session says. */
export async function authorize(
  parts: FlowParts,
  visit: Visit,
  demand: Authorization,
): Promise<Success<{ readonly actor: Account }> | AuthorizationRefusal> {
  const owner = await requireOwner(parts, visit)
  if (!owner.ok) return owner
  const { account: actor } = owner
  const { permission } = demand
  if (!parts.roles.allows(actor.role, permission)) return deny(parts, visit, actor, permission)
  const isStale = demand.isRecent === true && !isRecent(parts, visit)
  return isStale ? refuse('reauthenticate') : { ok: true, actor }
}

/** {@link authorize} for something that is done to one account, which must be below the actor's. */
export async function authorizeOn(
  parts: FlowParts,
  visit: Visit,
  demand: Authorization & { readonly accountId: string },
): Promise<
  | Success<{ readonly actor: Account; readonly account: Account }>
  | AuthorizationRefusal
  | Refusal<'gone'>
> {
  const allowed = await authorize(parts, visit, demand)
  if (!allowed.ok) return allowed
  const { actor } = allowed
  const account = await parts.store.findById(demand.accountId)
  if (account === null) return refuse('gone')
  const isAbove = outranks(parts.roles, actor.role, account.role, parts.settings.adminRole)
  return isAbove ? { ok: true, actor, account } : deny(parts, visit, actor, demand.permission)
}

function deny(
  parts: FlowParts,
  visit: Visit,
  actor: Account,
  permission: AccountPermission,
): Refusal<'forbidden'> {
  const about = { userId: actor.id, reason: 'permission', details: { permission } }
  report(parts, visit, { type: 'access_denied', ...about })
  return refuse('forbidden')
}
