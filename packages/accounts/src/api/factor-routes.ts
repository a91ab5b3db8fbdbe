import { z } from 'zod'
import { drawCode } from '../account/picture.ts'
import type { SecondFactorView } from '../flows/second-factor.ts'
import type {
  Enrolled,
  Enrolment,
  FactorCalls,
  Picture,
  RecoveryCodes,
  SecondFactor,
  TypedCode,
} from '../wire/factor-calls.ts'
import { showSession } from './current-session.ts'
import { currentSession, session } from './own-schemas.ts'
import { done, type Routes } from './route.ts'
import { instant, instantOrNull, object, type Schema, text } from './schema.ts'

const typedCode: Schema<TypedCode> = object<TypedCode>({ code: text })

export const secondFactor: Schema<SecondFactor> = object<SecondFactor>({
  since: instant.nullable(),
  recoveryCodesLeft: z.int().min(0),
  isRequired: z.boolean(),
})

const enrolment: Schema<Enrolment> = object<Enrolment>({
  secret: z.string(),
  address: z.string(),
  picture: object<Picture>({ size: z.int(), path: z.string() }),
})

const recoveryCodes = z.array(z.string())

/** Second factors, one's own and those of others. */
export const factorRoutes: Routes<FactorCalls> = {
  'POST /sign-in/second-factor': {
    id: 'confirmSignIn',
    summary: 'The second step of a sign-in in this browser, by a code or a recovery code.',
    access: 'anyone',
    input: typedCode,
    answer: currentSession,
    refusals: ['wrong', 'gone', 'too-many-sessions', 'limited'],
    async handle(asked) {
      const result = await asked.accounts.confirmSignIn(asked.input, asked.visit)
      return result.ok ? showSession(asked) : result
    },
  },

  'GET /second-factor': {
    id: 'getSecondFactor',
    summary: 'The second factor of whoever is signed in.',
    access: 'user',
    input: null,
    answer: secondFactor,
    refusals: ['unsupported'],
    async handle({ accounts, visit }) {
      const factor = await accounts.findSecondFactor(visit)
      return factor === null ? { ok: false, reason: 'unsupported' } : showFactor(factor)
    },
  },

  'POST /second-factor/enrolment': {
    id: 'startEnrolment',
    summary:
      'Gives a secret for an authenticator app. In the place of a second factor, takes a code of that.',
    access: 'anyone',
    proof: 'recent',
    input: object<FactorCalls['POST /second-factor/enrolment']['input']>({ code: text.optional() }),
    answer: enrolment,
    refusals: ['wrong', 'limited', 'unsupported'],
    async handle({ accounts, visit, input: { code } }) {
      const result = await accounts.startEnrolment({ ...(code !== undefined && { code }) }, visit)
      if (!result.ok) return result
      const { secret, address } = result
      return { secret, address, picture: drawCode(address) }
    },
  },

  'POST /second-factor/enrolment/confirm': {
    id: 'confirmEnrolment',
    summary: 'Sets the second factor up by a code of it, and shows the recovery codes this once.',
    access: 'anyone',
    proof: 'recent',
    input: typedCode,
    answer: object<Enrolled>({ ...session, recoveryCodes }),
    refusals: ['wrong', 'gone', 'unsupported'],
    async handle(asked) {
      const result = await asked.accounts.confirmEnrolment(asked.input, asked.visit)
      if (!result.ok) return result
      return { ...(await showSession(asked)), recoveryCodes: result.recoveryCodes }
    },
  },

  'POST /second-factor/recovery-codes': {
    id: 'makeRecoveryCodes',
    summary: 'Makes other recovery codes, by a code, and shows them this once.',
    access: 'user',
    proof: 'recent',
    input: typedCode,
    answer: object<RecoveryCodes>({ recoveryCodes }),
    refusals: ['wrong', 'gone', 'unsupported'],
    async handle({ accounts, visit, input }) {
      const result = await accounts.makeRecoveryCodes(input, visit)
      return result.ok ? { recoveryCodes: result.recoveryCodes } : result
    },
  },

  'POST /second-factor/remove': {
    id: 'removeSecondFactor',
    summary: 'Turns the second factor off, by a code.',
    access: 'user',
    proof: 'recent',
    input: typedCode,
    answer: null,
    refusals: ['wrong', 'gone', 'required', 'unsupported'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.removeSecondFactor(input, visit))
    },
  },

  'GET /admin/accounts/{accountId}/second-factor': {
    id: 'findSecondFactor',
    summary: 'The second factor of an account.',
    access: 'accounts:read',
    input: object<{ readonly accountId: string }>({ accountId: text }),
    answer: secondFactor,
    refusals: ['gone', 'unsupported'],
    async handle({ accounts, visit, input }) {
      const result = await accounts.findSecondFactorOf(input, visit)
      return result.ok ? showFactor(result) : result
    },
  },

  'DELETE /admin/accounts/{accountId}/second-factor': {
    id: 'resetSecondFactor',
    summary: 'Takes the second factor of an account away and ends its sessions.',
    access: 'accounts:change',
    proof: 'recent',
    input: object<{ readonly accountId: string }>({ accountId: text }),
    answer: null,
    refusals: ['gone', 'unsupported'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.resetSecondFactor(input, visit))
    },
  },
}

function showFactor({ since, recoveryCodesLeft, isRequired }: SecondFactorView): SecondFactor {
  return { since: instantOrNull(since), recoveryCodesLeft, isRequired }
}
