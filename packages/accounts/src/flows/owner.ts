import type { Account } from '../account/account.ts'
import type { Visit } from '../account/ports.ts'
import { type Refusal, refuse, type Success } from './outcome.ts'
import { type FlowParts, report } from './parts.ts'

/** Why somebody may not do what only the owner of an account may. */
export type OwnerRefusal =
  /** Nobody is signed in, or the account is no more. */
  | Refusal<'unauthenticated'>
  /** An administrator acts in the owner's place. */
  | Refusal<'impersonating'>
  /** The proof of who they are is too old: ask for the password, then try again. */
  | Refusal<'reauthenticate'>

/** The account of whoever is signed in, read anew, when it is they themselves who act. */
export async function requireOwner(
  parts: FlowParts,
  visit: Visit,
  demand: { readonly isRecent?: boolean } = {},
): Promise<Success<{ readonly account: Account }> | OwnerRefusal> {
  const { user } = visit.session
  if (user === null) return refuse('unauthenticated')
  if (user.actor !== null) {
    report(parts, visit, { type: 'access_denied', userId: user.id, reason: 'impersonating' })
    return refuse('impersonating')
  }
  const account = await parts.store.findById(user.id)
  if (account?.status !== 'active') return refuse('unauthenticated')
  if (demand.isRecent === true && !isRecent(parts, visit)) return refuse('reauthenticate')
  return { ok: true, account }
}

/** Whether whoever is signed in proved it a short time ago. */
export function isRecent({ clock, settings }: FlowParts, { session }: Visit): boolean {
  const { info } = session
  if (info === null || info.isLimited) return false
  return clock.now() - Math.max(0, ...Object.values(info.methods)) <= settings.recentMs
}
