import { type AccountView, viewOf } from '../account/account.ts'
import { maskEmail, parseEmail, parseName } from '../account/email.ts'
import type { Visit } from '../account/ports.ts'
import { accountSubject } from '../account/tokens.ts'
import { mayMail, writeLink, writeMail } from './letters.ts'
import { type Refusal, refuse, type Success, type Unsupported } from './outcome.ts'
import { type OwnerRefusal, requireOwner } from './owner.ts'
import { changeAccount, endEverywhere, type FlowParts, report } from './parts.ts'

/** What people do with their own accounts. */
export interface OwnAccountFlows {
  /** The account of whoever is signed in, also while an administrator acts in their place. */
  findOwn(visit: Visit): Promise<AccountView | null>
  changeName(
    input: { readonly name: string },
    visit: Visit,
  ): Promise<Success | Refusal<'name'> | OwnerRefusal | Unsupported>
  /**
   * Sends a link to the new address and a notice to the old one; nothing changes before the link is
   * opened. The answer is the same when somebody else has that address.
   */
  changeEmail(
    input: { readonly email: string },
    visit: Visit,
  ): Promise<Success | Refusal<'email'> | OwnerRefusal | Unsupported>
  /**
   * Sets the new address, for whoever asked for it. Being signed in is needed too, so that a stranger
   * whose address was named by mistake or on purpose changes nothing by opening the link.
   */
  confirmEmail(
    input: { readonly token: string },
    visit: Visit,
  ): Promise<Success | Refusal<'token'> | OwnerRefusal | Unsupported>
  /** Deletes the account of whoever is signed in and ends its sessions. */
  deleteOwn(visit: Visit): Promise<Success | Refusal<'last-admin'> | OwnerRefusal | Unsupported>
}

/** Makes {@link OwnAccountFlows}. */
export function createOwnAccountFlows(parts: FlowParts): OwnAccountFlows {
  const { store, tokens, outbox } = parts

  return {
    async findOwn({ session }) {
      const account = session.user === null ? null : await store.findById(session.user.id)
      return account === null ? null : viewOf(account)
    },

    async changeName({ name: typed }, visit) {
      if (store.lacks.has('name')) return refuse('unsupported')
      const owner = await requireOwner(parts, visit)
      if (!owner.ok) return owner
      const name = parseName(typed)
      if (name === null) return refuse('name')
      const { state } = await changeAccount(parts, owner.account, { name })
      if (state !== 'updated') return refuse('unauthenticated')
      report(parts, visit, { type: 'account_changed', userId: owner.account.id, reason: 'name' })
      return { ok: true }
    },

    async changeEmail({ email: typed }, visit) {
      if (store.lacks.has('email')) return refuse('unsupported')
      const owner = await requireOwner(parts, visit, { isRecent: true })
      if (!owner.ok) return owner
      const address = parseEmail(typed)
      if (address === null) return refuse('email')
      const { account } = owner
      report(parts, visit, { type: 'email_change_requested', userId: account.id })
      outbox.post(async () => {
        const newEmail = maskEmail(address.email)
        const ip = visit.source.ip ?? ''
        const notice = writeMail(parts, 'emailChangeRequested', { to: account, newEmail, ip })
        const holder = await store.findByLogin(address.login)
        const isFree = holder === null || holder.id === account.id
        if (!isFree || !(await mayMail(parts, address.login))) return [notice]
        const token = {
          purpose: 'email',
          subject: accountSubject(account),
          facts: { ...address },
        } as const
        const to = { email: address.email, name: account.name }
        return [notice, await writeLink(parts, 'confirmEmail', { ...token, to })]
      })
      return { ok: true }
    },

    async confirmEmail({ token }, visit) {
      if (store.lacks.has('email')) return refuse('unsupported')
      const owner = await requireOwner(parts, visit)
      if (!owner.ok) return owner
      const { account } = owner
      const found = await tokens.find('email', token)
      if (found?.subject !== accountSubject(account)) return refuse('token')
      if ((await tokens.take('email', token)) === null) return refuse('token')
      const { email = '', login = '' } = found.facts
      const { state } = await changeAccount(parts, account, { email, login })
      if (state !== 'updated') return refuse('token')
      // Links to the old address must not open the account any more.
      await tokens.revokeOf(found.subject)
      report(parts, visit, { type: 'email_changed', userId: account.id })
      const newEmail = maskEmail(email)
      outbox.post(async () => [writeMail(parts, 'emailChanged', { to: account, newEmail })])
      return { ok: true }
    },

    async deleteOwn(visit) {
      if (store.lacks.has('deletion')) return refuse('unsupported')
      const owner = await requireOwner(parts, visit, { isRecent: true })
      if (!owner.ok) return owner
      const { account } = owner
      const state = await store.delete(account.id)
      if (state === 'last-admin') return refuse('last-admin')
      await parts.identities?.forget(account.id)
      await parts.factors?.forget(account.id)
      await tokens.revokeOf(accountSubject(account))
      await endEverywhere(parts, account, { source: visit.source, reason: 'deleted' })
      report(parts, visit, { type: 'account_deleted', userId: account.id })
      await visit.session.logout()
      outbox.post(async () => [writeMail(parts, 'accountDeleted', { to: account })])
      return { ok: true }
    },
  }
}
