import type { Account, AccountView } from '../account/account.ts'
import type { FactorStore, StoredFactor } from '../account/factor-store.ts'
import type { Visit } from '../account/ports.ts'
import { newRecoveryCodes } from '../account/recovery-codes.ts'
import { demandsFactor, finishStep } from './admission.ts'
import { proveFactor } from './factor-proof.ts'
import { tellOwner } from './letters.ts'
import { type Refusal, refuse, type Success, type Throttled, type Unsupported } from './outcome.ts'
import { type OwnerRefusal, requireOwner } from './owner.ts'
import { type FlowParts, report } from './parts.ts'
import { findStep, type StepKind } from './steps.ts'

/** The second factor of an account, as it may be shown. */
export interface SecondFactorView {
  /** When it was set up; null when there is none. */
  readonly since: number | null
  readonly recoveryCodesLeft: number
  /** Whether the role demands one. */
  readonly isRequired: boolean
}

/** Why something that needs a code was not done. */
type CodeRefusal = Refusal<'wrong'> | Refusal<'gone'> | OwnerRefusal | Throttled | Unsupported

/** Second factors: codes of an app, and recovery codes in their place. */
export interface SecondFactorFlows {
  /** Which step of a sign-in waits in this browser; null for none. */
  findSignInStep(visit: Visit): Promise<StepKind | null>
  /** The second step of a sign-in, by a code or a recovery code. `gone`: begin with the first again. */
  confirmSignIn(
    input: { readonly code: string },
    visit: Visit,
  ): Promise<
    | Success<{ readonly account: AccountView }>
    | Refusal<'wrong' | 'gone' | 'too-many-sessions'>
    | Throttled
  >
  /** The second factor of whoever is signed in; null where there are none. */
  findSecondFactor(visit: Visit): Promise<SecondFactorView | null>
  /** Makes other recovery codes, which can be shown this once, in the place of those before. */
  makeRecoveryCodes(
    input: { readonly code: string },
    visit: Visit,
  ): Promise<Success<{ readonly recoveryCodes: readonly string[] }> | CodeRefusal>
  /** Turns the second factor off. */
  removeSecondFactor(
    input: { readonly code: string },
    visit: Visit,
  ): Promise<Success | CodeRefusal | Refusal<'required'>>
}

/** Makes {@link SecondFactorFlows}. */
export function createSecondFactorFlows(parts: FlowParts): SecondFactorFlows {
  const { store, factors } = parts

  return {
    findSignInStep: async visit => (await findStep(parts, visit))?.pending.kind ?? null,

    async confirmSignIn({ code }, visit) {
      const step = await findStep(parts, visit)
      if (step?.pending.kind !== 'second-factor') return refuse('gone')
      const { account } = step
      // An administrator may have taken it away meanwhile.
      if (((await factors?.find(account.id)) ?? null) === null) return refuse('gone')
      const proof = await proveFactor(parts, { account, code, visit })
      if (!proof.ok) return proof
      const methods = proof.method === null ? [] : [proof.method]
      return finishStep(parts, { ...step, methods }, visit)
    },

    async findSecondFactor({ session }) {
      if (factors === undefined || session.user === null) return null
      const account = await store.findById(session.user.id)
      return account === null ? null : viewFactor(parts, account)
    },

    async makeRecoveryCodes({ code }, visit) {
      const proven = await requireFactor(code, visit)
      if (!proven.ok) return proven
      const { account, factor } = proven
      const { codes, hashes } = newRecoveryCodes()
      if (!(await proven.factors.setRecovery(factor.id, hashes))) return refuse('gone')
      report(parts, visit, { type: 'recovery_codes_made', userId: account.id })
      tellOwner(parts, 'recoveryCodesMade', { account, visit })
      return { ok: true, recoveryCodes: codes }
    },

    async removeSecondFactor({ code }, visit) {
      const { user } = visit.session
      if (user !== null && demandsFactor(parts, user)) return refuse('required')
      const proven = await requireFactor(code, visit)
      if (!proven.ok) return proven
      const { account } = proven
      await proven.factors.forget(account.id)
      await visit.session.revokeOthers()
      report(parts, visit, { type: 'second_factor_removed', userId: account.id, reason: 'owner' })
      tellOwner(parts, 'secondFactorRemoved', { account, visit })
      return { ok: true }
    },
  }

  /** What weakens an account is done by its owner, who proved it just now and gives a code as well. */
  async function requireFactor(
    code: string,
    visit: Visit,
  ): Promise<
    | Success<{
        readonly account: Account
        readonly factor: StoredFactor
        readonly factors: FactorStore
      }>
    | CodeRefusal
  > {
    if (factors === undefined) return refuse('unsupported')
    const owner = await requireOwner(parts, visit, { isRecent: true })
    if (!owner.ok) return owner
    const { account } = owner
    const factor = await factors.find(account.id)
    if (factor === null) return refuse('gone')
    const proof = await proveFactor(parts, { account, code, visit })
    return proof.ok ? { ok: true, account, factor, factors } : proof
  }
}

/** The second factor of an account, as it may be shown. */
export async function viewFactor(parts: FlowParts, account: Account): Promise<SecondFactorView> {
  const factor = (await parts.factors?.find(account.id)) ?? null
  return {
    since: factor?.createdAt ?? null,
    recoveryCodesLeft: factor?.recovery.length ?? 0,
    isRequired: demandsFactor(parts, account),
  }
}
