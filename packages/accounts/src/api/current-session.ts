import type { Session } from 'cloakroom'
import { accountRolePermissions } from '../account/roles.ts'
import type { CurrentSession, CurrentUser } from '../wire/own-calls.ts'
import type { Asked } from './route.ts'
import { instantOf } from './schema.ts'

/** Who is signed in, as it stands at the end of a request. */
export async function showSession(asked: Asked<unknown>): Promise<CurrentSession> {
  const { accounts, request, visit, clock, isRegistrationOpen, providers } = asked
  const session = request.get('session')
  const impersonation = await accounts.findImpersonation(visit)
  const user = await findUser(asked)
  const { info } = session
  return {
    user,
    impersonation: impersonation && {
      reason: impersonation.reason,
      endsAt: instantOf(impersonation.endsAt),
    },
    endsInSeconds:
      user === null || info === null
        ? null
        : Math.max(0, Math.floor((info.idleExpiresAt - clock.now()) / 1000)),
    ended: endedBy(session),
    csrfToken: request.get('csrfToken')(),
    settings: {
      isRegistrationOpen,
      passwordMinLength: accounts.rules.minLength,
      passwordMaxLength: accounts.rules.maxLength,
      providers: providers.map(({ name, href }) => ({ name, href })),
    },
  }
}

/** How the session that the browser had ended by itself. */
export function endedBy({ reason }: Pick<Session, 'reason'>): 'idle' | 'absolute' | null {
  return reason === 'idle' || reason === 'absolute' ? reason : null
}

async function findUser({ accounts, roles, visit }: Asked<unknown>): Promise<CurrentUser | null> {
  const account = await accounts.findOwn(visit)
  if (account === null) return null
  const { id, email, name, role } = account
  const known = new Set(Object.values(accountRolePermissions).flat())
  return {
    id,
    email,
    name,
    role,
    roles: roles.ladder.filter(each => roles.reaches(role, each)),
    permissions: [...known].filter(permission => roles.allows(role, permission)),
  }
}
