import { isDeepStrictEqual } from 'node:util'
import type { AccountStores } from '@cloakroom/accounts'
import { type Cloakroom, userRoles } from 'cloakroom'
import type { Person } from '../identity/person.ts'
import type { SignedIn } from './visitors.ts'

/** Tells who is behind a session. */
export interface People {
  /** Null when the account is gone. The same object as before, as long as nothing about it has changed. */
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

  async function reload(
    session: SignedIn,
    role: string,
    before: KnownPerson | undefined,
  ): Promise<Person | null> {
    const [person, former] = await Promise.all([
      load(session, role),
      before?.person.catch(() => null),
    ])
    // Whatever was signed for somebody goes by the object, and need not be signed again.
    return isDeepStrictEqual(former, person) ? (former ?? null) : person
  }

  return {
    find(session) {
      const now = clock.now()
      const role = session.role ?? 'user'
      const found = known.get(session.id)
      if (found !== undefined && found.role === role && now < found.until) return found.person
      const person = reload(session, role, found)
      known.delete(session.id)
      known.set(session.id, { role, person, until: now + keptMs })
      person.catch(() => known.delete(session.id))
      if (known.size > maxKept) known.delete(known.keys().next().value ?? '')
      return person
    },
  }
}
