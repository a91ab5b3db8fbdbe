import { type Account, type AccountStatus, type AccountView, viewOf } from '../account/account.ts'
import type { Ending, Visit } from '../account/ports.ts'
import type { AccountQuery } from '../account/store.ts'
import { accountSubject } from '../account/tokens.ts'
import { type AuthorizationRefusal, authorize, authorizeOn } from './authorization.ts'
import { writeMail } from './letters.ts'
import { type Refusal, refuse, type Success, type Unsupported } from './outcome.ts'
import { changeAccount, endEverywhere, type FlowParts, report } from './parts.ts'
import { writeReset } from './passwords.ts'

/** A page of accounts as administrators see them. */
export interface AccountViewPage {
  readonly accounts: readonly AccountView[]
  /** Pass it on to get the next page; null after the last. */
  readonly cursor: string | null
}

/** The account something is done to. */
export interface TargetInput {
  readonly accountId: string
}

type Done = Success | AuthorizationRefusal | Refusal<'gone'>

/**
 * What administrators do with the accounts of others. All of it is judged by the account as it is
 * stored now, not by the session, and works only upon accounts below the actor's own or, for
 * administrators, upon all.
 *
 * When one throws, it may have been done by half, and sessions may live on: do it again.
 */
export interface AdministrationFlows {
  listAccounts(
    query: AccountQuery,
    visit: Visit,
  ): Promise<Success<AccountViewPage> | AuthorizationRefusal | Unsupported>
  findAccount(
    input: TargetInput,
    visit: Visit,
  ): Promise<Success<{ readonly account: AccountView }> | AuthorizationRefusal | Refusal<'gone'>>
  /** Disables an account and ends its sessions, or enables it again. */
  setStatus(
    input: TargetInput & { readonly status: AccountStatus },
    visit: Visit,
  ): Promise<Done | Refusal<'last-admin'>>
  /** Gives another role and ends all sessions, so that no worker goes on with the old one. */
  changeRole(
    input: TargetInput & { readonly role: string },
    visit: Visit,
  ): Promise<Done | Refusal<'last-admin' | 'role'> | Unsupported>
  deleteAccount(
    input: TargetInput,
    visit: Visit,
  ): Promise<Done | Refusal<'last-admin'> | Unsupported>
  /** Ends all sessions of an account. */
  endSessions(input: TargetInput, visit: Visit): Promise<Done>
  /** Mails a link to choose a new password. Administrators never choose it themselves. */
  startReset(input: TargetInput, visit: Visit): Promise<Done>
}

/** Makes {@link AdministrationFlows}. */
export function createAdministrationFlows(parts: FlowParts): AdministrationFlows {
  const { store, tokens, outbox } = parts

  return {
    async listAccounts(query, visit) {
      if (store.lacks.has('list')) return refuse('unsupported')
      const allowed = await authorize(parts, visit, { permission: 'accounts:read' })
      if (!allowed.ok) return allowed
      const { accounts, cursor } = await store.list(query)
      return { ok: true, accounts: accounts.map(viewOf), cursor }
    },

    async findAccount({ accountId }, visit) {
      const allowed = await authorize(parts, visit, { permission: 'accounts:read' })
      if (!allowed.ok) return allowed
      const account = await store.findById(accountId)
      return account === null ? refuse('gone') : { ok: true, account: viewOf(account) }
    },

    async setStatus({ accountId, status }, visit) {
      const permission = 'accounts:change'
      const allowed = await authorizeOn(parts, visit, { permission, accountId, isRecent: true })
      if (!allowed.ok) return allowed
      const { actor, account } = allowed
      const { state } = await changeAccount(parts, account, { status })
      if (state !== 'updated') return refuse(state === 'last-admin' ? state : 'gone')
      const isDisabled = status === 'disabled'
      if (isDisabled) await endAccess(account, { ...by(actor, visit), reason: 'disabled' })
      const type = isDisabled ? 'account_disabled' : 'account_enabled'
      report(parts, visit, { type, userId: account.id, actorId: actor.id })
      return { ok: true }
    },

    async changeRole({ accountId, role }, visit) {
      if (store.lacks.has('roles')) return refuse('unsupported')
      const permission = 'accounts:roles'
      const allowed = await authorizeOn(parts, visit, { permission, accountId, isRecent: true })
      if (!allowed.ok) return allowed
      const { actor, account } = allowed
      if (!mayGive(parts, actor, role)) return refuse('role')
      const { state } = await changeAccount(parts, account, { role })
      if (state !== 'updated') return refuse(state === 'last-admin' ? state : 'gone')
      await endEverywhere(parts, account, { ...by(actor, visit), reason: 'role-changed' })
      const details = { from: account.role, to: role }
      report(parts, visit, { type: 'role_changed', userId: account.id, actorId: actor.id, details })
      return { ok: true }
    },

    async deleteAccount({ accountId }, visit) {
      if (store.lacks.has('deletion')) return refuse('unsupported')
      const permission = 'accounts:delete'
      const allowed = await authorizeOn(parts, visit, { permission, accountId, isRecent: true })
      if (!allowed.ok) return allowed
      const { actor, account } = allowed
      const state = await store.delete(accountId)
      if (state === 'last-admin') return refuse(state)
      await parts.identities?.forget(accountId)
      await parts.factors?.forget(accountId)
      await endAccess(account, { ...by(actor, visit), reason: 'deleted' })
      report(parts, visit, { type: 'account_deleted', userId: accountId, actorId: actor.id })
      outbox.post(async () => [writeMail(parts, 'accountDeleted', { to: account })])
      return { ok: true }
    },

    async endSessions({ accountId }, visit) {
      const allowed = await authorizeOn(parts, visit, { permission: 'sessions:end', accountId })
      if (!allowed.ok) return allowed
      const { actor, account } = allowed
      await endEverywhere(parts, account, { ...by(actor, visit), reason: 'ended-by-admin' })
      return { ok: true }
    },

    async startReset({ accountId }, visit) {
      const allowed = await authorizeOn(parts, visit, { permission: 'accounts:change', accountId })
      if (!allowed.ok) return allowed
      const { actor, account } = allowed
      if (account.status !== 'active') return refuse('gone')
      const about = { userId: account.id, actorId: actor.id }
      report(parts, visit, { type: 'password_reset_requested', ...about })
      outbox.post(async () => [await writeReset(parts, account, visit)])
      return { ok: true }
    },
  }

  /** Ends sessions and makes links void. */
  async function endAccess(account: Account, ending: Ending): Promise<void> {
    await tokens.revokeOf(accountSubject(account))
    await endEverywhere(parts, account, ending)
  }
}

function by(actor: Account, { source }: Visit): Pick<Ending, 'source' | 'actorId'> {
  return { source, actorId: actor.id }
}

/** Whether somebody may give a role: a known one, and none above their own. */
export function mayGive({ roles }: FlowParts, actor: Account, role: string): boolean {
  return roles.reaches(role, role) && roles.reaches(actor.role, role)
}
