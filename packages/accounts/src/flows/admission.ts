import { ConflictError } from 'cloakroom'
import { type Account, type AccountView, viewOf } from '../account/account.ts'
import type { Identity } from '../account/identity-store.ts'
import type { Visit } from '../account/ports.ts'
import { closeImpersonation } from './impersonation.ts'
import { writeMail } from './letters.ts'
import { type Refusal, refuse, type Success, type Throttled, throttle } from './outcome.ts'
import { type FlowParts, report } from './parts.ts'
import { beginStep, isSamePassword, type PendingStep, type StepKind } from './steps.ts'

/** Who proved who they are, and by what. */
export interface Admission {
  readonly account: Account
  readonly remember: boolean
  /** In the names of RFC 8176. */
  readonly methods: readonly string[]
  /** Whether it would also be proven for the account as it is stored by now. */
  readonly isProven: (account: Account) => Promise<boolean>
  /** What a provider calls them: it leads to the account from then on. */
  readonly identity?: Identity | undefined
  /**
   * Whether it led there before. What a provider asks for is its affair then, unless the role demands
   * more; those whom it names for the first time may merely read the owner's mail.
   */
  readonly isKnownToProvider?: boolean
  /** Whether nobody signed in to the account here before. */
  readonly isNewDevice?: boolean
}

/** What came of an {@link Admission}. */
export type AdmissionResult =
  | Success<{ readonly account: AccountView }>
  | Refusal<'wrong' | 'too-many-sessions'>
  | Throttled

/** Signs somebody in, or begins the step that is still missing. */
export async function admit(
  parts: FlowParts,
  who: Admission,
  visit: Visit,
): Promise<AdmissionResult | Refusal<StepKind>> {
  const kind = await missingStep(parts, who)
  if (kind === null) {
    const isComplete = async () => (await missingStep(parts, who)) === null
    return openSession(parts, { ...who, isComplete }, visit)
  }
  const { account, remember, methods, identity, isNewDevice = false } = who
  return beginStep(parts, { kind, account, remember, methods, identity, isNewDevice }, visit)
}

/** Signs somebody in whose second step is done, by these methods. */
export async function finishStep(
  parts: FlowParts,
  step: {
    readonly account: Account
    readonly pending: PendingStep
    readonly methods: readonly string[]
  },
  visit: Visit,
): Promise<AdmissionResult> {
  const { account, pending } = step
  const methods = [...pending.methods, ...step.methods, 'mfa']
  const isProven = async (fresh: Account) => isSamePassword(pending, fresh)
  const result = await openSession(parts, { ...pending, account, methods, isProven }, visit)
  if (result.ok) visit.device?.note(account.login)
  return result
}

async function missingStep(
  parts: FlowParts,
  { account, methods, isKnownToProvider = false }: Admission,
): Promise<StepKind | null> {
  if (parts.factors === undefined) return null
  const isMissing = demandsFactor(parts, account) && !methods.includes('mfa')
  if (isKnownToProvider && !isMissing) return null
  if ((await parts.factors.find(account.id)) !== null) return 'second-factor'
  return isMissing ? 'enrol-second-factor' : null
}

/** Whether the role of an account demands a second factor. */
export function demandsFactor(
  { roles, settings }: Pick<FlowParts, 'roles' | 'settings'>,
  { role }: Pick<Account, 'role'>,
): boolean {
  return settings.secondFactorRoles.some(each => roles.reaches(role, each))
}

/**
 * Signs somebody in who proved who they are, unless their account was changed at that moment.
 * `isComplete` tells whether no step is missing by then either.
 */
async function openSession(
  parts: FlowParts,
  who: Admission & { readonly isComplete?: () => Promise<boolean> },
  visit: Visit,
): Promise<AdmissionResult> {
  const { account, remember, methods, identity } = who
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
  // The account may have been disabled, demoted or given another password or a second factor since it
  // was read, and all its sessions ended before this one began. Noting the sign-in tells.
  if (!(await noteSignIn(parts, who)) || (await who.isComplete?.()) === false) {
    await visit.session.logout()
    return refuse('wrong')
  }
  if (identity !== undefined) await parts.identities?.link(identity, id)
  report(parts, visit, { type: 'auth_success', userId: id })
  if (who.isNewDevice === true) tellOfDevice(parts, account, visit)
  return { ok: true, account: viewOf({ ...account, signedInAt: parts.clock.now() }) }
}

async function noteSignIn(
  { store, clock }: FlowParts,
  { account, isProven }: Admission,
): Promise<boolean> {
  const at = clock.now()
  const { id, role, passwordHash } = account
  if (await store.noteSignIn({ id, role, passwordHash, at })) return true
  // Another sign-in may have hashed the same password anew.
  const fresh = await store.findById(id)
  if (fresh === null || !(await isProven(fresh))) return false
  return store.noteSignIn({ id, role, passwordHash: fresh.passwordHash, at })
}

/** Tells the owner of a sign-in where nobody signed in before, but for the very first. */
function tellOfDevice(parts: FlowParts, account: Account, { session, source }: Visit): void {
  if (account.signedInAt === null) return
  const about = { ip: source.ip ?? '', device: session.info?.device ?? '' }
  parts.outbox.post(async () => [writeMail(parts, 'newDevice', { to: account, ...about })])
}
