import type { OwnCalls } from '../wire/own-calls.ts'
import { showSession } from './current-session.ts'
import {
  currentSession,
  invitationAnswer,
  linkFacts,
  mailedLink,
  newPassword,
  passwordStrength,
  registration,
  registrationProof,
  typedPassword,
} from './own-schemas.ts'
import { done, type Routes } from './route.ts'
import { object, text } from './schema.ts'

type Keys =
  | 'POST /register'
  | 'POST /register/confirm'
  | 'POST /password/strength'
  | 'POST /password/forgot'
  | 'POST /password/reset'
  | 'POST /invitation/accept'
  | 'POST /links/check'

/** What those do who are not signed in. */
export const visitorRoutes: Routes<Pick<OwnCalls, Keys>> = {
  'POST /register': {
    id: 'register',
    summary: 'Mails a link that makes an account; or a notice, where there is one.',
    access: 'anyone',
    isMailed: true,
    input: registration,
    answer: null,
    refusals: ['email', 'name', 'password', 'limited', 'unsupported'],
    async handle({ accounts, visit, input: { email, password, name = '' } }) {
      return done(await accounts.register({ email, password, name }, visit))
    },
  },

  'POST /register/confirm': {
    id: 'confirmRegistration',
    summary: 'Makes the account by the token of the link and the password, and signs in.',
    access: 'anyone',
    input: registrationProof,
    answer: currentSession,
    refusals: [
      'token',
      'wrong',
      'second-factor',
      'enrol-second-factor',
      'too-many-sessions',
      'limited',
      'unsupported',
    ],
    async handle(asked) {
      const { token, password, remember = false } = asked.input
      const proof = { token, password, remember }
      const result = await asked.accounts.confirmRegistration(proof, asked.visit)
      return result.ok ? showSession(asked) : result
    },
  },

  'POST /password/strength': {
    id: 'judgePassword',
    summary: 'Judges a new password while it is typed, for a meter.',
    access: 'anyone',
    input: typedPassword,
    answer: passwordStrength,
    refusals: ['limited'],
    async handle({ accounts, visit, input: { password, email = '', name = '' } }) {
      const result = await accounts.previewPassword({ password, email, name }, visit)
      return result.ok ? { score: result.score, fault: result.problem } : result
    },
  },

  'POST /password/forgot': {
    id: 'forgotPassword',
    summary: 'Mails a link to choose a new password, if there is such an account.',
    access: 'anyone',
    isMailed: true,
    input: object<OwnCalls['POST /password/forgot']['input']>({ login: text }),
    answer: null,
    refusals: ['limited'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.forgotPassword(input, visit))
    },
  },

  'POST /password/reset': {
    id: 'resetPassword',
    summary: 'Sets a new password by the token of a link, and ends all sessions of the account.',
    access: 'anyone',
    input: newPassword,
    answer: null,
    refusals: ['token', 'password'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.resetPassword(input, visit))
    },
  },

  'POST /invitation/accept': {
    id: 'acceptInvitation',
    summary: 'Makes the account that somebody was invited to. Signs nobody in.',
    access: 'anyone',
    input: invitationAnswer,
    answer: null,
    refusals: ['token', 'name', 'password'],
    async handle({ accounts, visit, input: { token, password, name } }) {
      const answer = { token, password, ...(name !== undefined && { name }) }
      return done(await accounts.acceptInvitation(answer, visit))
    },
  },

  'POST /links/check': {
    id: 'checkLink',
    summary: 'Tells whether the link of a mail still works, and for whom. Uses nothing up.',
    access: 'anyone',
    input: mailedLink,
    answer: linkFacts,
    refusals: ['token'],
    async handle({ accounts, input: { purpose, token } }) {
      const link = await accounts.peekLink(purpose, token)
      return link ?? { ok: false, reason: 'token' }
    },
  },
}
