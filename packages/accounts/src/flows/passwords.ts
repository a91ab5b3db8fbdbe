import type { Account } from '../account/account.ts'
import type { Visit } from '../account/ports.ts'
import { accountSubject, idOfSubject } from '../account/tokens.ts'
import type { MailMessage } from '../mail/mailer.ts'
import type { PasswordContext } from '../passwords/context-words.ts'
import type { PasswordPreview } from '../passwords/rules.ts'
import { mayMail, tellOwner, writeLink } from './letters.ts'
import {
  type BadPassword,
  busy,
  type Refusal,
  refuse,
  type Success,
  type Throttled,
  throttle,
} from './outcome.ts'
import { type OwnerRefusal, requireOwner } from './owner.ts'
import { changeAccount, endEverywhere, type FlowParts, report } from './parts.ts'
import { provePassword } from './proof.ts'

/** Forgotten passwords and new ones. */
export interface PasswordFlows {
  /** Sends a mail with a link, if there is such an account. The answer is the same if there is none. */
  forgotPassword(input: { readonly login: string }, visit: Visit): Promise<Success | Throttled>
  /**
   * Sets a new password by the token of a link, ends all sessions of the account and tells its owner.
   * Signs nobody in.
   */
  resetPassword(
    input: { readonly token: string; readonly password: string },
    visit: Visit,
  ): Promise<Success | Refusal<'token'> | BadPassword | Throttled>
  /** Judges a password while it is typed. The leaks are left for when it is chosen. */
  previewPassword(
    input: { readonly password: string } & PasswordContext,
    visit: Visit,
  ): Promise<Success<PasswordPreview> | Throttled>
  /** Changes the password of whoever is signed in and ends their other sessions. */
  changePassword(
    input: { readonly current: string; readonly password: string },
    visit: Visit,
  ): Promise<Success | Refusal<'wrong'> | BadPassword | OwnerRefusal | Throttled>
}

/** Makes {@link PasswordFlows}. */
export function createPasswordFlows(parts: FlowParts): PasswordFlows {
  const { store, tokens, hasher, rules, limiter, outbox } = parts

  return {
    async forgotPassword({ login: typed }, visit) {
      const { source, address } = visit
      const limit = await limiter.check('password_reset', ['address', address], { source })
      if (!limit.allowed) return throttle(limit)
      const login = store.loginOf(typed)
      // Looked up after the answer has gone: its time tells nothing.
      outbox.post(async () => {
        const account = login === null ? null : await store.findByLogin(login)
        report(parts, visit, { type: 'password_reset_requested', userId: account?.id })
        if (account === null || account.status !== 'active') return []
        return (await mayMail(parts, account.login))
          ? [await writeReset(parts, account, visit)]
          : []
      })
      return { ok: true }
    },

    async resetPassword({ token, password }, visit) {
      const found = await findOwner(parts, token)
      if (found === null) return refuse('token')
      const problem = await rules.check(password, found)
      if (problem !== null) return { ...refuse('password'), problem }
      const hash = await hasher.admit(() => hasher.hash(password))
      if (hash === null) return busy
      if ((await tokens.take('reset', token)) === null) return refuse('token')
      // Looked up again: hashing took a while.
      const account = await store.findById(found.id)
      if (account?.status !== 'active') return refuse('token')
      const isSet = await setPassword(parts, account, hash)
      if (!isSet) return refuse('token')
      await endEverywhere(parts, account, { source: visit.source, reason: 'password-reset' })
      await tellOfChange(parts, account, visit, 'reset')
      return { ok: true }
    },

    async previewPassword({ password, ...typed }, visit) {
      const limit = await limiter.check('password_meter', ['address', visit.address])
      if (!limit.allowed) return throttle(limit)
      const { user } = visit.session
      const own = user === null ? null : await store.findById(user.id)
      return { ok: true, ...rules.preview(password, own ?? typed) }
    },

    async changePassword({ current, password }, visit) {
      const owner = await requireOwner(parts, visit)
      if (!owner.ok) return owner
      const { account } = owner
      const find = async (): Promise<Account> => account
      const attempt = { login: account.login, password: current, visit, find }
      const proof = await provePassword(parts, attempt)
      if (proof.state === 'throttled') return proof.refusal
      if (proof.state === 'wrong') return refuse('wrong')
      const problem = await rules.check(password, account)
      if (problem !== null) return { ...refuse('password'), problem }
      const hash = await hasher.admit(() => hasher.hash(password))
      if (hash === null) return busy
      if (!(await setPassword(parts, account, hash))) return refuse('unauthenticated')
      await visit.session.stepUp('pwd')
      await visit.session.revokeOthers()
      await tellOfChange(parts, account, visit, 'changed')
      return { ok: true }
    },
  }
}

/** The account that a reset token belongs to, while it may be used. */
async function findOwner({ tokens, store }: FlowParts, token: string): Promise<Account | null> {
  const found = await tokens.find('reset', token)
  const account = found === null ? null : await store.findById(idOfSubject(found.subject))
  return account?.status === 'active' ? account : null
}

/** The mail that lets somebody choose a new password. */
export function writeReset(
  parts: FlowParts,
  account: Account,
  { source }: Visit,
): Promise<MailMessage> {
  const token = { purpose: 'reset', subject: accountSubject(account) } as const
  return writeLink(parts, 'resetPassword', { ...token, to: account, source })
}

async function setPassword(parts: FlowParts, account: Account, hash: string): Promise<boolean> {
  const changes = { passwordHash: hash, passwordExpiresAt: null }
  const { state } = await changeAccount(parts, account, changes)
  // Links that were sent before are no longer needed, whoever has them.
  await parts.tokens.revokeOf(accountSubject(account))
  return state === 'updated'
}

async function tellOfChange(
  parts: FlowParts,
  account: Account,
  visit: Visit,
  reason: 'reset' | 'changed',
): Promise<void> {
  report(parts, visit, { type: 'password_changed', userId: account.id, reason })
  tellOwner(parts, 'passwordChanged', { account, visit })
}
