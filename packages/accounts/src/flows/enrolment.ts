import type { Account } from '../account/account.ts'
import { codeAddress, newCodeSecret, stepOfCode } from '../account/one-time-codes.ts'
import type { Visit } from '../account/ports.ts'
import { newRecoveryCodes } from '../account/recovery-codes.ts'
import { newId } from '../account/secret.ts'
import { finishStep } from './admission.ts'
import { proveFactor } from './factor-proof.ts'
import { tellOwner } from './letters.ts'
import {
  type Refusal,
  refuse,
  type Success,
  type Throttled,
  throttle,
  type Unsupported,
} from './outcome.ts'
import { type OwnerRefusal, requireOwner } from './owner.ts'
import { type FlowParts, report } from './parts.ts'
import { findStep, lockerOf, type PendingStep } from './steps.ts'

/** What an authenticator app has to be told. */
export interface Enrolment {
  /** In base32, to be typed. */
  readonly secret: string
  /** The same as an address, for a picture. */
  readonly address: string
}

/** Setting up a second factor: by its owner, or by whoever cannot sign in without one. */
export interface EnrolmentFlows {
  /**
   * Gives a secret for an authenticator app; nothing changes before a code of it is confirmed. Needs a
   * recent proof of who they are and, where there is a second factor already, a code of that.
   */
  startEnrolment(
    input: { readonly code?: string },
    visit: Visit,
  ): Promise<Success<Enrolment> | Refusal<'wrong'> | OwnerRefusal | Throttled | Unsupported>
  /** The secret that was given to this browser and is not confirmed; null for none. */
  findEnrolment(visit: Visit): Promise<Enrolment | null>
  /**
   * Sets the second factor up, by a code of it and a recent proof. Ends the owner's other sessions; signs in whoever could
   * not without. The recovery codes can never be shown again.
   */
  confirmEnrolment(
    input: { readonly code: string },
    visit: Visit,
  ): Promise<
    | Success<{ readonly recoveryCodes: readonly string[] }>
    | Refusal<'wrong' | 'gone'>
    | OwnerRefusal
    | Unsupported
  >
}

const lockerName = 'second-factor'

/** Makes {@link EnrolmentFlows}. */
export function createEnrolmentFlows(parts: FlowParts): EnrolmentFlows {
  const { factors, sealer, clock, limiter, settings } = parts

  return {
    async startEnrolment({ code }, visit) {
      if (factors === undefined) return refuse('unsupported')
      const who = await requireEnroller(parts, visit, { isRecent: true })
      if (!who.ok) return who
      const { account } = who
      const key = ['enrolment', account.id]
      const limit = await limiter.check('second_factor', key, { source: visit.source })
      if (!limit.allowed) return throttle(limit)
      const present = await factors.find(account.id)
      if (present !== null) {
        const proof = await proveFactor(parts, { account, code: code ?? '', visit })
        if (!proof.ok) return proof
      }
      const secret = newCodeSecret()
      const started: Started = { accountId: account.id, secret, replaces: present?.id ?? null }
      await lockerOf(parts, visit)?.set(lockerName, started)
      return { ok: true, ...describe(account, secret) }
    },

    async findEnrolment(visit) {
      const who = await requireEnroller(parts, visit)
      const started = who.ok ? await findStarted(who.account, visit) : null
      return who.ok && started !== null ? describe(who.account, started.secret) : null
    },

    async confirmEnrolment({ code: typed }, visit) {
      if (factors === undefined) return refuse('unsupported')
      const who = await requireEnroller(parts, visit, { isRecent: true })
      if (!who.ok) return who
      const { account } = who
      const started = await findStarted(account, visit)
      if (started === null) return refuse('gone')
      const { secret, replaces, version: ifVersion } = started
      const code = typeof typed === 'string' ? typed.replace(/\s/g, '') : ''
      const now = clock.now()
      const usedStep = stepOfCode({ secret, code, at: now })
      if (usedStep === null) return refuse('wrong')
      // Of a double click, one goes on: the other one's recovery codes would be worth nothing.
      const taken = await lockerOf(parts, visit)?.remove(lockerName, { ifVersion })
      if (taken?.ok !== true) return refuse('gone')
      const id = newId()
      const { codes, hashes: recovery } = newRecoveryCodes()
      const sealed = sealer.seal(secret, id)
      const factor = { id, accountId: account.id, sealed, usedStep, recovery, createdAt: now }
      // Somebody else who knows the password may have begun before there was one.
      if (!(await factors.put(factor, replaces))) return refuse('gone')
      await raise(who, visit)
      report(parts, visit, { type: 'second_factor_added', userId: account.id })
      tellOwner(parts, 'secondFactorAdded', { account, visit })
      return { ok: true, recoveryCodes: codes }
    },
  }

  async function findStarted(
    { id }: Account,
    visit: Visit,
  ): Promise<(Started & { readonly version: string }) | null> {
    const found = (await lockerOf(parts, visit)?.get(lockerName)) ?? null
    const started = (found?.value ?? null) as Started | null
    return found !== null && started?.accountId === id
      ? { ...started, version: found.version }
      : null
  }

  function describe({ email }: Account, secret: string): Enrolment {
    return { secret, address: codeAddress({ secret, product: settings.product, email }) }
  }

  /** The proof counts for the session: at once for an owner, as the sign-in for whoever waits for it. */
  async function raise({ account, pending }: Enroller, visit: Visit): Promise<void> {
    if (pending === null) {
      await visit.session.rotate({ methods: ['otp', 'mfa'] })
      await visit.session.revokeOthers()
      return
    }
    // Where there are too many sessions, they sign in by a code later on.
    await finishStep(parts, { account, pending, methods: ['otp'] }, visit)
  }
}

/** What lies beside the session until a code is confirmed. */
interface Started {
  readonly accountId: string
  readonly secret: string
  /** The id of the second factor in whose place it comes; null for none. */
  readonly replaces: string | null
}

interface Enroller {
  readonly account: Account
  /** The sign-in that waits for a second factor; null for one who is signed in. */
  readonly pending: PendingStep | null
}

async function requireEnroller(
  parts: FlowParts,
  visit: Visit,
  demand: { readonly isRecent?: boolean } = {},
): Promise<Success<Enroller> | OwnerRefusal> {
  const step = await findStep(parts, visit)
  if (step?.pending.kind === 'enrol-second-factor') return { ok: true, ...step }
  const owner = await requireOwner(parts, visit, demand)
  return owner.ok ? { ...owner, pending: null } : owner
}
