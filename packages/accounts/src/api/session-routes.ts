import type { OwnCalls } from '../wire/own-calls.ts'
import { showSession } from './current-session.ts'
import { currentSession, signedOut, signIn } from './own-schemas.ts'
import type { Routes } from './route.ts'
import { object, text } from './schema.ts'

type Keys =
  | 'GET /session'
  | 'POST /session/renew'
  | 'POST /sign-in'
  | 'POST /sign-out'
  | 'POST /sign-out-everywhere'
  | 'POST /reauthenticate'
  | 'DELETE /impersonation'

/** Signing in and out, and who is. */
export const sessionRoutes: Routes<Pick<OwnCalls, Keys>> = {
  'GET /session': {
    id: 'getSession',
    summary: 'Tells who is signed in, and gives the token for requests that change something.',
    access: 'anyone',
    isPassive: true,
    input: null,
    answer: currentSession,
    refusals: [],
    handle: showSession,
  },

  'POST /session/renew': {
    id: 'renewSession',
    summary: 'Counts as activity, as when somebody says that they are still there.',
    access: 'user',
    input: null,
    answer: currentSession,
    refusals: [],
    async handle(asked) {
      await asked.request.get('session').renew()
      return showSession(asked)
    },
  },

  'POST /sign-in': {
    id: 'signIn',
    summary: 'Signs somebody in. The answer is the same for unknown accounts and wrong passwords.',
    access: 'anyone',
    input: signIn,
    answer: currentSession,
    refusals: [
      'wrong',
      'change-password',
      'second-factor',
      'enrol-second-factor',
      'too-many-sessions',
      'limited',
    ],
    async handle(asked) {
      const { login, password, remember = false } = asked.input
      const result = await asked.accounts.signIn({ login, password, remember }, asked.visit)
      return result.ok ? showSession(asked) : result
    },
  },

  'POST /sign-out': {
    id: 'signOut',
    summary: 'Ends the session.',
    access: 'anyone',
    input: null,
    answer: signedOut,
    refusals: [],
    async handle(asked) {
      const { accounts, visit, afterSignOut } = asked
      const { id } = visit.session
      const onward = id === null ? null : await afterSignOut(id)
      await accounts.signOut(visit)
      return { ...(await showSession(asked)), onward }
    },
  },

  'POST /sign-out-everywhere': {
    id: 'signOutEverywhere',
    summary: 'Ends all sessions of whoever is signed in, this one too.',
    access: 'user',
    proof: 'owner',
    input: null,
    answer: currentSession,
    refusals: [],
    async handle(asked) {
      const result = await asked.accounts.signOutEverywhere(asked.visit)
      return result.ok ? showSession(asked) : result
    },
  },

  'POST /reauthenticate': {
    id: 'reauthenticate',
    summary: 'Proves anew who is signed in, before something that asks for it.',
    access: 'user',
    proof: 'owner',
    input: object<OwnCalls['POST /reauthenticate']['input']>({ password: text }),
    answer: currentSession,
    refusals: ['wrong'],
    async handle(asked) {
      const result = await asked.accounts.reauthenticate(asked.input, asked.visit)
      return result.ok ? showSession(asked) : result
    },
  },

  'DELETE /impersonation': {
    id: 'stopImpersonation',
    summary: 'Takes an administrator who acts as somebody back to their own account.',
    access: 'user',
    input: null,
    answer: currentSession,
    refusals: ['gone'],
    async handle(asked) {
      const result = await asked.accounts.stopImpersonation(asked.visit)
      return result.ok ? showSession(asked) : result
    },
  },
}
