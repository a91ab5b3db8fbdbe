import { ConflictError } from 'cloakroom'
import { type Account, type AccountView, viewOf } from '../account/account.ts'
import type { Visit } from '../account/ports.ts'
import { accountSubject } from '../account/tokens.ts'
import { closeImpersonation } from './impersonation.ts'
import { writeMail } from './letters.ts'
import { type Refusal, refuse, type Success, type Throttled, throttle } from './outcome.ts'
import { type OwnerRefusal, requireOwner } from './owner.ts'
import { endEverywhere, type FlowParts, report } from './parts.ts'
import { provePassword } from './proof.ts'

/** What the sign-in page sends. */
export interface SignInInput {
  readonly login: string
  readonly password: string
  /** Stay signed in beyond the end of the browser. @default false */
  readonly remember?: boolean
}

/** What came of a sign-in. */
export type SignInResult =
  | Success<{ readonly account: AccountView }>
  /** No such account, wrong password, disabled: nobody is told which. */
  | Refusal<'wrong'>
  /** The password was made up by somebody else: choose another by this token, as after a reset. */
  | (Refusal<'change-password'> & { readonly token: string })
  /** As many sessions as allowed, and none may be ended for this one. */
  | Refusal<'too-many-sessions'>
  | Throttled

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
      const proof = await provePassword(parts, { login, password, visit, find })
      if (proof.state === 'throttled') return proof.refusal
      if (proof.state === 'wrong') return refuse('wrong')
      const { found: account, isOutdated } = proof
      if (account.passwordExpiresAt !== null) return demandChange(parts, account, visit)
      const result = await openSession(parts, { account, password, remember }, visit)
      if (result.ok && isOutdated) await renewHash(parts, account, password)
      if (result.ok && isNewDevice) tellOfDevice(parts, account, visit)
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
      return { ok: true, ended: await visit.session.revokeOthers() }
    },
  }
}

/** Whose session begins, and by what. */
export interface SignInProof {
  readonly account: Account
  /** Null when it was proven by something else. */
  readonly password: string | null
  readonly remember: boolean
  /** @default ['pwd'] */
  readonly methods?: readonly string[]
}

/** Signs somebody in who proved who they are, unless their account was changed at that moment. */
export async function openSession(
  parts: FlowParts,
  who: SignInProof,
  visit: Visit,
): Promise<Exclude<SignInResult, Refusal<'change-password'>>> {
  const { account, remember, methods = ['pwd'] } = who
  const { id, role } = account
  const limit = await parts.limiter.check('session_create', ['account', id])
  if (!limit.allowed) return throttle(limit)
  await closeImpersonation(parts, visit, 'signed-in')
  try {
    await visit.session.login({ id, role }, { remember, methods })
  } catch (error) {
    if (error instanceof ConflictError && error.code === 'ERR_SESSION_LIMIT') {
      return refuse('too-many-sessions')
    }
    throw error
  }
  // The account may have been disabled, demoted or given another password since it was read, and all
  // its sessions ended before this one began. Noting the sign-in tells.
  if (!(await noteSignIn(parts, who))) {
    await visit.session.logout()
    return refuse('wrong')
  }
  report(parts, visit, { type: 'auth_success', userId: id })
  return { ok: true, account: viewOf({ ...account, signedInAt: parts.clock.now() }) }
}

async function noteSignIn(
  { store, hasher, clock }: FlowParts,
  { account, password }: SignInProof,
): Promise<boolean> {
  const at = clock.now()
  const { id, role, passwordHash } = account
  if (await store.noteSignIn({ id, role, passwordHash, at })) return true
  // Another sign-in may have hashed the same password anew.
  const fresh = await store.findById(id)
  if (fresh === null || !(await isProven(fresh))) return false
  return store.noteSignIn({ id, role, passwordHash: fresh.passwordHash, at })

  async function isProven({ passwordHash: hash }: Account): Promise<boolean> {
    return password === null || (await hasher.verify(password, hash)) !== 'wrong'
  }
}

/** Tells the owner of a sign-in where nobody signed in before, but for the very first. */
function tellOfDevice(parts: FlowParts, account: Account, { session, source }: Visit): void {
  if (account.signedInAt === null) return
  const about = { ip: source.ip ?? '', device: session.info?.device ?? '' }
  parts.outbox.post(async () => [writeMail(parts, 'newDevice', { to: account, ...about })])
}

/** Hashes a password anew after the cost of hashing rose. */
async function renewHash(
  { store, hasher }: FlowParts,
  account: Account,
  password: string,
): Promise<void> {
  // When somebody changed the account meanwhile, the next sign-in will do it.
  await store.update(account, { passwordHash: await hasher.hash(password) })
}

async function demandChange(parts: FlowParts, account: Account, visit: Visit) {
  const { tokens, settings } = parts
  const subject = accountSubject(account)
  const lifeMs = settings.lifeMs.reset
  const token = await tokens.issue({ purpose: 'reset', subject, lifeMs })
  report(parts, visit, { type: 'auth_failure', userId: account.id, reason: 'temporary' })
  return { ...refuse('change-password'), token }
}
