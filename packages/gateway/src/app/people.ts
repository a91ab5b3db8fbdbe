import type { AccountStores } from '@cloakroom/accounts'
import { type Cloakroom, userRoles } from 'cloakroom'
import type { Person } from '../identity/person.ts'
import type { SignedIn } from './visitors.ts'

/** Tells who is behind a session. */
export interface People {
  /** Null when the account is gone. */
  find(session: SignedIn): Promise<Person | null>
}

/** Names and addresses may be this old. What a person may do comes with the session, and is not. */
const keptMs = 10_000

const maxKept = 10_000

interface KnownPerson {
  readonly role: string
  readonly person: Promise<Person | null>
  readonly until: number
}

/** Makes {@link People}, by the accounts. */
export function createPeople(
  { accounts }: Pick<AccountStores, 'accounts'>,
  { roles, clock }: Pick<Cloakroom, 'roles' | 'clock'>,
): People {
  const known = new Map<string, KnownPerson>()

  async function load({ id: sessionId, userId }: SignedIn, role: string): Promise<Person | null> {
    const account = await accounts.findById(userId)
    if (account === null || account.status !== 'active') return null
    const { id, email, name } = account
    const reached = userRoles.filter(each => roles.reaches(role, each)).reverse()
    return { id, email, name, roles: reached.length > 0 ? reached : [role], sessionId }
  }

  return {
    find(session) {
      const now = clock.now()
      const role = session.role ?? 'user'
      const found = known.get(session.id)
      if (found !== undefined && found.role === role && now < found.until) return found.person
      const person = load(session, role)
      known.delete(session.id)
      known.set(session.id, { role, person, until: now + keptMs })
      person.catch(() => known.delete(session.id))
      if (known.size > maxKept) known.delete(known.keys().next().value ?? '')
      return person
    },
  }
}
