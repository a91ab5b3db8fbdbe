import { parseEmail, parseName } from '../account/email.ts'
import type { Visit } from '../account/ports.ts'
import { loginSubject } from '../account/tokens.ts'
import { mayGive } from './administration.ts'
import { type AuthorizationRefusal, authorize } from './authorization.ts'
import { writeLink } from './letters.ts'
import {
  type BadPassword,
  busy,
  type Refusal,
  refuse,
  type Success,
  type Throttled,
  type Unsupported,
} from './outcome.ts'
import { type FlowParts, report } from './parts.ts'
import { createAccount } from './registration.ts'

/** Accounts that administrators make for others. */
export interface InvitationFlows {
  /** Mails a link by which somebody chooses the password of an account with this role. */
  invite(
    input: { readonly email: string; readonly name?: string; readonly role: string },
    visit: Visit,
  ): Promise<
    Success | AuthorizationRefusal | Refusal<'email' | 'name' | 'role' | 'taken'> | Unsupported
  >
  /** Makes the account that somebody was invited to. Signs nobody in. */
  acceptInvitation(
    input: { readonly token: string; readonly password: string; readonly name?: string },
    visit: Visit,
  ): Promise<Success | Refusal<'token' | 'name'> | BadPassword | Throttled>
}

/** Makes {@link InvitationFlows}. */
export function createInvitationFlows(parts: FlowParts): InvitationFlows {
  const { store, tokens, hasher, rules, outbox } = parts

  return {
    async invite({ email: typed, name: typedName = '', role }, visit) {
      if (store.lacks.has('creation')) return refuse('unsupported')
      const demand = { permission: 'accounts:invite', isRecent: true } as const
      const allowed = await authorize(parts, visit, demand)
      if (!allowed.ok) return allowed
      const { actor } = allowed
      const address = parseEmail(typed)
      if (address === null) return refuse('email')
      const name = parseName(typedName)
      if (name === null) return refuse('name')
      if (!mayGive(parts, actor, role)) return refuse('role')
      if ((await store.findByLogin(address.login)) !== null) return refuse('taken')
      const { email, login } = address
      const facts = { email, login, name, role, actorId: actor.id }
      const token = { purpose: 'invitation', subject: loginSubject(login), facts } as const
      const about = { actorId: actor.id, reason: 'invited', details: { role } }
      report(parts, visit, { type: 'registration_requested', ...about })
      outbox.post(async () => [
        await writeLink(parts, 'invitation', { ...token, to: { email, name } }),
      ])
      return { ok: true }
    },

    async acceptInvitation({ token, password, name: typedName }, visit) {
      const found = await tokens.find('invitation', token)
      if (found === null) return refuse('token')
      const { email = '', login = '', role = '', name: givenName = '' } = found.facts
      const name = parseName(typedName ?? givenName)
      if (name === null) return refuse('name')
      const problem = await rules.check(password, { email, name })
      if (problem !== null) return { ...refuse('password'), problem }
      const passwordHash = await hasher.admit(() => hasher.hash(password))
      if (passwordHash === null) return busy
      if ((await tokens.take('invitation', token)) === null) return refuse('token')
      const account = await createAccount(parts, { login, email, name, role, passwordHash }, visit)
      return account === null ? refuse('token') : { ok: true }
    },
  }
}
