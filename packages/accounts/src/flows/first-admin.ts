import { type AccountView, viewOf } from '../account/account.ts'
import { parseEmail, parseName } from '../account/email.ts'
import { newId, newSecret } from '../account/secret.ts'
import {
  type BadPassword,
  type Refusal,
  refuse,
  type Success,
  type Unsupported,
} from './outcome.ts'
import type { FlowParts } from './parts.ts'

/** Who is to be the first administrator. */
export interface FirstAdminInput {
  readonly email: string
  readonly name?: string
  /** Made up when it is left out; it then must be changed at the first sign-in, within a day. */
  readonly password?: string
}

/** What came of it. */
export type FirstAdminResult =
  | Success<{
      readonly account: AccountView
      /** The password that was made up, to be shown once; null when one was given. */
      readonly password: string | null
    }>
  /** There is an administrator already, or an account with this address. */
  | Refusal<'exists' | 'taken' | 'email' | 'name'>
  | BadPassword
  | Unsupported

/** The start: nobody can sign in before somebody was made by whoever runs the machine. */
export interface FirstAdminFlows {
  /** Makes the first administrator. Several workers may call it at once at their start: one does it. */
  createFirstAdmin(input: FirstAdminInput): Promise<FirstAdminResult>
}

/** Passwords that others made up are short-lived (ASVS 6.4.1). */
const temporaryMs = 86_400_000

/** Makes {@link FirstAdminFlows}. */
export function createFirstAdminFlows(parts: FlowParts): FirstAdminFlows {
  const { store, hasher, rules, events, clock, settings } = parts

  return {
    async createFirstAdmin({ email: typed, name: typedName = '', password: given }) {
      if (store.lacks.has('first-admin')) return refuse('unsupported')
      const address = parseEmail(typed)
      if (address === null) return refuse('email')
      const name = parseName(typedName)
      if (name === null) return refuse('name')
      const { email, login } = address
      const problem = given === undefined ? null : await rules.check(given, { email, name })
      if (problem !== null) return { ...refuse('password'), problem }
      const now = clock.now()
      const password = given ?? newSecret()
      const result = await store.createFirst({
        id: newId(),
        login,
        email,
        name,
        role: settings.adminRole,
        status: 'active',
        passwordHash: await hasher.hash(password),
        passwordExpiresAt: given === undefined ? now + temporaryMs : null,
        createdAt: now,
      })
      if (result.state !== 'created') return refuse(result.state)
      const { account } = result
      events.emit({ type: 'account_created', userId: account.id, reason: 'first-admin' })
      return { ok: true, account: viewOf(account), password: given === undefined ? password : null }
    },
  }
}
