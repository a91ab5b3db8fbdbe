import { type Account, type AccountStatus, type AccountView, viewOf } from '../account/account.ts'
import { parseEmail, parseName } from '../account/email.ts'
import { newId, newSecret } from '../account/secret.ts'
import type { AccountQuery } from '../account/store.ts'
import { accountSubject } from '../account/tokens.ts'
import type { AccountViewPage } from './administration.ts'
import { issueLink } from './letters.ts'
import { type Refusal, refuse, type Success, type Unsupported } from './outcome.ts'
import { changeAccount, endEverywhere, type FlowParts } from './parts.ts'

/** An account, by what its owner signs in with. */
export interface OperatorTarget {
  readonly login: string
}

type Done = Success<{ readonly account: AccountView }> | Refusal<'gone' | 'last-admin'>

/**
 * What whoever runs the machine does from its command line, without an account: nobody is asked for
 * permission, and events name `operator` as the one who did it.
 */
export interface OperatorFlows {
  listAsOperator(query: AccountQuery): Promise<Success<AccountViewPage> | Unsupported>
  /** Makes an account with a password that must be changed at the first sign-in, within a day. */
  addAsOperator(input: {
    readonly email: string
    readonly name?: string
    readonly role?: string
  }): Promise<
    | Success<{ readonly account: AccountView; readonly password: string }>
    | Refusal<'taken' | 'email' | 'name'>
    | Unsupported
  >
  /** Gives another role and ends all sessions. @throws {ConfigError} for a name that is no role */
  changeRoleAsOperator(input: OperatorTarget & { readonly role: string }): Promise<Done>
  /** Disables an account and ends its sessions, or enables it again. */
  setStatusAsOperator(input: OperatorTarget & { readonly status: AccountStatus }): Promise<Done>
  /** A link to choose a new password, for whoever asks in person. Mails nothing. */
  makeResetLink(
    input: OperatorTarget,
  ): Promise<Success<{ readonly url: string; readonly lifeMs: number }> | Refusal<'gone'>>
}

/** Passwords that others made up are short-lived (ASVS 6.4.1). */
const temporaryMs = 86_400_000

const by = { actorId: 'operator' }

/** Makes {@link OperatorFlows}. */
export function createOperatorFlows(parts: FlowParts): OperatorFlows {
  const { store, tokens, hasher, roles, events, clock, settings } = parts

  async function find({ login: typed }: OperatorTarget): Promise<Account | null> {
    const login = store.loginOf(typed)
    return login === null ? null : store.findByLogin(login)
  }

  return {
    async listAsOperator(query) {
      if (store.lacks.has('list')) return refuse('unsupported')
      const { accounts, cursor } = await store.list(query)
      return { ok: true, accounts: accounts.map(viewOf), cursor }
    },

    async addAsOperator({ email: typed, name: typedName = '', role = settings.newRole }) {
      if (store.lacks.has('creation')) return refuse('unsupported')
      roles.requireKnown(role)
      const address = parseEmail(typed)
      if (address === null) return refuse('email')
      const name = parseName(typedName)
      if (name === null) return refuse('name')
      const { email, login } = address
      const password = newSecret()
      const now = clock.now()
      const result = await store.create({
        id: newId(),
        login,
        email,
        name,
        role,
        status: 'active',
        passwordHash: await hasher.hash(password),
        passwordExpiresAt: now + temporaryMs,
        createdAt: now,
      })
      if (result.state !== 'created') return refuse('taken')
      const { account } = result
      events.emit({ type: 'account_created', userId: account.id, ...by, reason: 'operator' })
      return { ok: true, account: viewOf(account), password }
    },

    async changeRoleAsOperator({ role, ...target }) {
      roles.requireKnown(role)
      const account = await find(target)
      if (account === null) return refuse('gone')
      const result = await changeAccount(parts, account, { role })
      if (result.state !== 'updated') return refuseChange(result.state)
      await endEverywhere(parts, account, { source: {}, ...by, reason: 'role-changed' })
      const details = { from: account.role, to: role }
      events.emit({ type: 'role_changed', userId: account.id, ...by, details })
      return { ok: true, account: viewOf(result.account) }
    },

    async setStatusAsOperator({ status, ...target }) {
      const account = await find(target)
      if (account === null) return refuse('gone')
      const result = await changeAccount(parts, account, { status })
      if (result.state !== 'updated') return refuseChange(result.state)
      if (status === 'disabled') {
        await tokens.revokeOf(accountSubject(account))
        await endEverywhere(parts, account, { source: {}, ...by, reason: 'disabled' })
      }
      const type = status === 'disabled' ? 'account_disabled' : 'account_enabled'
      events.emit({ type, userId: account.id, ...by })
      return { ok: true, account: viewOf(result.account) }
    },

    async makeResetLink(target) {
      const account = await find(target)
      if (account?.status !== 'active') return refuse('gone')
      const subject = accountSubject(account)
      const { link, lifeMs } = await issueLink(parts, { purpose: 'reset', subject })
      events.emit({ type: 'password_reset_requested', userId: account.id, ...by })
      return { ok: true, url: link, lifeMs }
    },
  }
}

function refuseChange(state: string): Refusal<'gone' | 'last-admin'> {
  return refuse(state === 'last-admin' ? state : 'gone')
}
