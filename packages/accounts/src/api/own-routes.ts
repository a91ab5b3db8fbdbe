import { z } from 'zod'
import type { OwnCalls, Profile } from '../wire/own-calls.ts'
import { showSession } from './current-session.ts'
import { currentSession, ownSessions, passwordChange, profile } from './own-schemas.ts'
import { type Asked, done, type Routes } from './route.ts'
import { instantOf, instantOrNull, object, text } from './schema.ts'

type Keys = Extract<keyof OwnCalls, `${string} /account${string}`>

/** One's own account and sessions. */
export const ownRoutes: Routes<Pick<OwnCalls, Keys>> = {
  'GET /account': {
    id: 'getAccount',
    summary: 'The account of whoever is signed in.',
    access: 'user',
    input: null,
    answer: profile,
    refusals: [],
    handle: showProfile,
  },

  'PATCH /account': {
    id: 'changeName',
    summary: 'Changes the name.',
    access: 'user',
    proof: 'owner',
    input: object<OwnCalls['PATCH /account']['input']>({ name: text }),
    answer: profile,
    refusals: ['name', 'unsupported'],
    async handle(asked) {
      const result = await asked.accounts.changeName(asked.input, asked.visit)
      return result.ok ? showProfile(asked) : result
    },
  },

  'DELETE /account': {
    id: 'deleteAccount',
    summary: 'Deletes the account and ends its sessions.',
    access: 'user',
    proof: 'recent',
    input: null,
    answer: currentSession,
    refusals: ['last-admin', 'unsupported'],
    async handle(asked) {
      const result = await asked.accounts.deleteOwn(asked.visit)
      return result.ok ? showSession(asked) : result
    },
  },

  'POST /account/password': {
    id: 'changePassword',
    summary: 'Changes the password and ends all other sessions.',
    access: 'user',
    proof: 'owner',
    input: passwordChange,
    answer: currentSession,
    refusals: ['wrong', 'password'],
    async handle(asked) {
      const result = await asked.accounts.changePassword(asked.input, asked.visit)
      return result.ok ? showSession(asked) : result
    },
  },

  'POST /account/email': {
    id: 'changeEmail',
    summary: 'Mails a link to another address; nothing changes before it is opened.',
    access: 'user',
    proof: 'recent',
    isMailed: true,
    input: object<OwnCalls['POST /account/email']['input']>({ email: text }),
    answer: null,
    refusals: ['email', 'unsupported'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.changeEmail(input, visit))
    },
  },

  'POST /account/email/confirm': {
    id: 'confirmEmail',
    summary: 'Sets the other address by the token of the link.',
    access: 'user',
    proof: 'owner',
    input: object<OwnCalls['POST /account/email/confirm']['input']>({ token: text }),
    answer: profile,
    refusals: ['token', 'unsupported'],
    async handle(asked) {
      const result = await asked.accounts.confirmEmail(asked.input, asked.visit)
      return result.ok ? showProfile(asked) : result
    },
  },

  'GET /account/sessions': {
    id: 'listSessions',
    summary: 'The sessions of whoever is signed in, the one used last first.',
    access: 'user',
    input: null,
    answer: ownSessions,
    refusals: [],
    async handle({ request }) {
      const entries = await request.get('session').list()
      const sessions = entries.map(({ id, device, ip, isCurrent, ...at }) => ({
        id,
        device,
        ip,
        isCurrent,
        createdAt: instantOf(at.createdAt),
        seenAt: instantOf(at.seenAt),
        expiresAt: instantOf(at.expiresAt),
      }))
      return { sessions }
    },
  },

  'DELETE /account/sessions': {
    id: 'endOtherSessions',
    summary: 'Ends all sessions but the one that asks.',
    access: 'user',
    proof: 'recent',
    input: null,
    answer: object<OwnCalls['DELETE /account/sessions']['answer']>({ ended: z.int().min(0) }),
    refusals: [],
    async handle({ accounts, visit }) {
      const result = await accounts.endOtherSessions(visit)
      return result.ok ? { ended: result.ended } : result
    },
  },

  'DELETE /account/sessions/{sessionId}': {
    id: 'endSession',
    summary: 'Ends one session.',
    access: 'user',
    proof: 'recent',
    input: object<OwnCalls['DELETE /account/sessions/{sessionId}']['input']>({ sessionId: text }),
    answer: null,
    refusals: ['gone'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.endSession(input, visit))
    },
  },
}

async function showProfile({
  accounts,
  visit,
}: Asked<unknown>): Promise<Profile | { readonly ok: false; readonly reason: 'unauthenticated' }> {
  const account = await accounts.findOwn(visit)
  if (account === null) return { ok: false, reason: 'unauthenticated' }
  const { id, email, name, role, createdAt, signedInAt } = account
  return {
    id,
    email,
    name,
    role,
    createdAt: instantOf(createdAt),
    signedInAt: instantOrNull(signedInAt),
  }
}
