import type { Account } from '../account/account.ts'
import type { Visit } from '../account/ports.ts'
import { accountSubject } from '../account/tokens.ts'
import { type AdmissionResult, admit } from './admission.ts'
import { closeImpersonation } from './impersonation.ts'
import { type Refusal, refuse, type Success, type Throttled } from './outcome.ts'
import { type OwnerRefusal, requireOwner } from './owner.ts'
import { endEverywhere, type FlowParts, report } from './parts.ts'
import { provePassword } from './proof.ts'
import { endSteps } from './step-mark.ts'
import type { StepKind } from './steps.ts'

/** What the sign-in page sends. */
export interface SignInInput {
  readonly login: string
  readonly password: string
  /** Stay signed in beyond the end of the browser. @default false */
  readonly remember?: boolean
}

/**
 * What came of a sign-in. `wrong`: no such account, wrong password, disabled; nobody is told which.
 * `too-many-sessions`: as many as allowed, and none may be ended for this one.
 */
export type SignInResult =
  | AdmissionResult
  /** The password was made up by somebody else: choose another by this token, as after a reset. */
  | (Refusal<'change-password'> & { readonly token: string })
  /** The password is right, and nobody is signed in before the second step is done. */
  | Refusal<StepKind>

/** Signing in and out. */
export interface SignInFlows {
  signIn(input: SignInInput, visit: Visit): Promise<SignInResult>
  /** Asks again for the password of whoever is signed in, before something sensitive. */
  reauthenticate(
    input: { readonly password: string },
    visit: Visit,
  ): Promise<Success | Refusal<'wrong'> | OwnerRefusal | Throttled>
  signOut(visit: Visit): Promise<Success>
  /** Ends all sessions of whoever is signed in, this one too. */
  signOutEverywhere(visit: Visit): Promise<Success | OwnerRefusal>
  /** Ends one session of whoever is signed in. */
  endSession(
    input: { readonly sessionId: string },
    visit: Visit,
  ): Promise<Success | Refusal<'gone'> | OwnerRefusal>
  /** Ends all their sessions but this one. */
  endOtherSessions(visit: Visit): Promise<Success<{ readonly ended: number }> | OwnerRefusal>
}

/** Makes {@link SignInFlows}. */
export function createSignInFlows(parts: FlowParts): SignInFlows {
  const { store } = parts

  return {
    async signIn({ login: typed, password, remember = false }, visit) {
      const login = store.loginOf(typed)
      const find = async () => (login === null ? null : store.findByLogin(login))
      const isNewDevice = login !== null && visit.device?.idFor(login) === undefined
      const attempt = { login, password, visit, isFirstStep: true, find }
      const proof = await provePassword(parts, attempt)
      if (proof.state === 'throttled') return proof.refusal
      if (proof.state === 'wrong') return refuse('wrong')
      const { found, isOutdated } = proof
      if (found.passwordExpiresAt !== null) return demandChange(parts, found, visit)
      const account = isOutdated ? await renewHash(parts, found, password) : found
      const isProven = isProvenBy(parts, password)
      const who = { account, remember, methods: ['pwd'], isProven, isNewDevice }
      const result = await admit(parts, who, visit)
      if (result.ok) visit.device?.note(account.login)
      return result
    },

    async reauthenticate({ password }, visit) {
      const owner = await requireOwner(parts, visit)
      if (!owner.ok) return owner
      const { account } = owner
      const find = async (): Promise<Account> => account
      const proof = await provePassword(parts, { login: account.login, password, visit, find })
      if (proof.state === 'throttled') return proof.refusal
      if (proof.state === 'wrong') return refuse('wrong')
      await visit.session.stepUp('pwd')
      report(parts, visit, { type: 'auth_success', userId: account.id, reason: 'reauthenticated' })
      return { ok: true }
    },

    async signOut(visit) {
      await closeImpersonation(parts, visit, 'signed-out')
      await visit.session.logout()
      return { ok: true }
    },

    async signOutEverywhere(visit) {
      const owner = await requireOwner(parts, visit)
      if (!owner.ok) return owner
      const reason = 'signed-out-everywhere'
      await endEverywhere(parts, owner.account, { source: visit.source, reason })
      await visit.session.logout()
      return { ok: true }
    },

    async endSession({ sessionId }, visit) {
      const owner = await requireOwner(parts, visit, { isRecent: true })
      if (!owner.ok) return owner
      return (await visit.session.revoke(sessionId)) ? { ok: true } : refuse('gone')
    },

    async endOtherSessions(visit) {
      const owner = await requireOwner(parts, visit, { isRecent: true })
      if (!owner.ok) return owner
      await endSteps(parts, owner.account)
      return { ok: true, ended: await visit.session.revokeOthers() }
    },
  }
}

/** Tells whether a password is an account's, for {@link admit}. */
export function isProvenBy(
  { hasher }: FlowParts,
  password: string,
): (account: Account) => Promise<boolean> {
  return async ({ passwordHash }: Account): Promise<boolean> =>
    (await hasher.verify(password, passwordHash)) !== 'wrong'
}

/** Hashes a password anew after the cost of hashing rose. */
async function renewHash(
  { store, hasher }: FlowParts,
  account: Account,
  password: string,
): Promise<Account> {
  // When somebody changed the account meanwhile, the next sign-in will do it.
  const result = await store.update(account, { passwordHash: await hasher.hash(password) })
  return result.state === 'updated' ? result.account : account
}

async function demandChange(parts: FlowParts, account: Account, visit: Visit) {
  const { tokens, settings } = parts
  const subject = accountSubject(account)
  const lifeMs = settings.lifeMs.reset
  const token = await tokens.issue({ purpose: 'reset', subject, lifeMs })
  report(parts, visit, { type: 'auth_failure', userId: account.id, reason: 'temporary' })
  return { ...refuse('change-password'), token }
}
