import type { Account, AccountView } from '../account/account.ts'
import { parseEmail, parseName } from '../account/email.ts'
import type { Visit } from '../account/ports.ts'
import { newId } from '../account/secret.ts'
import { loginSubject } from '../account/tokens.ts'
import { admit } from './admission.ts'
import { mayMail, writeLink, writeMail } from './letters.ts'
import {
  type BadPassword,
  busy,
  type Refusal,
  refuse,
  type Success,
  type Throttled,
  throttle,
  type Unsupported,
} from './outcome.ts'
import { type FlowParts, report } from './parts.ts'
import { provePassword } from './proof.ts'
import { isProvenBy } from './sign-in.ts'
import type { StepKind } from './steps.ts'

/** What the registration page sends. */
export interface RegistrationInput {
  readonly email: string
  readonly password: string
  readonly name?: string
}

/** Making an account for oneself. */
export interface RegistrationFlows {
  /**
   * Sends a mail whose link, with the password, makes the account: `ok` says that the mail is on its
   * way, also where there is such an account already and the mail says so.
   *
   * No account is made before somebody proved to read the mail *and* to know the password. Otherwise
   * a stranger could register another person's address with a password of their own, and wait for them
   * to open the link.
   */
  register(
    input: RegistrationInput,
    visit: Visit,
  ): Promise<Success | Refusal<'email' | 'name'> | BadPassword | Throttled | Unsupported>
  /** Makes the account and signs in. */
  confirmRegistration(
    input: { readonly token: string; readonly password: string; readonly remember?: boolean },
    visit: Visit,
  ): Promise<
    | Success<{ readonly account: AccountView }>
    | Refusal<'token' | 'wrong' | 'too-many-sessions' | StepKind>
    | Throttled
    | Unsupported
  >
}

/** Makes {@link RegistrationFlows}. */
export function createRegistrationFlows(parts: FlowParts): RegistrationFlows {
  const { store, tokens, hasher, rules, limiter, outbox, settings } = parts
  const isOpen = settings.isRegistrationOpen && !store.lacks.has('creation')

  return {
    async register({ email: typed, password, name: typedName = '' }, visit) {
      if (!isOpen) return refuse('unsupported')
      const address = parseEmail(typed)
      if (address === null) return refuse('email')
      const name = parseName(typedName)
      if (name === null) return refuse('name')
      const problem = await rules.check(password, { email: address.email, name })
      if (problem !== null) return { ...refuse('password'), problem }
      const { source } = visit
      const limit = await limiter.check('auth_register', ['address', visit.address], { source })
      if (!limit.allowed) return throttle(limit)
      // The same work whether or not there is such an account; all that differs happens later.
      const passwordHash = await hasher.admit(() => hasher.hash(password))
      if (passwordHash === null) return busy
      const existing = await store.findByLogin(address.login)
      report(parts, visit, { type: 'registration_requested' })
      outbox.post(async () => {
        if (!(await mayMail(parts, address.login))) return []
        if (existing !== null) return [writeMail(parts, 'alreadyRegistered', { to: existing })]
        const to = { email: address.email, name }
        const facts = { ...to, login: address.login, passwordHash }
        const subject = loginSubject(address.login)
        const token = { purpose: 'registration', subject, facts } as const
        return [await writeLink(parts, 'confirmRegistration', { ...token, to })]
      })
      return { ok: true }
    },

    async confirmRegistration({ token, password, remember = false }, visit) {
      if (!isOpen) return refuse('unsupported')
      const found = await tokens.find('registration', token)
      if (found === null) return refuse('token')
      const { email = '', name = '', login = '', passwordHash = '' } = found.facts
      const find = async () => ({ passwordHash })
      const proof = await provePassword(parts, { login, password, visit, find })
      if (proof.state === 'throttled') return proof.refusal
      if (proof.state === 'wrong') return refuse('wrong')
      if ((await tokens.take('registration', token)) === null) return refuse('token')
      const who = { login, email, name, role: settings.newRole, passwordHash }
      const account = await createAccount(parts, who, visit)
      if (account === null) return refuse('token')
      const isProven = isProvenBy(parts, password)
      return admit(parts, { account, remember, methods: ['pwd'], isProven }, visit)
    },
  }
}

/** Makes an account; null when somebody else was faster. */
export async function createAccount(
  parts: FlowParts,
  who: Pick<Account, 'login' | 'email' | 'name' | 'role' | 'passwordHash'>,
  visit: Visit,
): Promise<Account | null> {
  const rest = { status: 'active', passwordExpiresAt: null } as const
  const fresh = { id: newId(), ...who, ...rest, createdAt: parts.clock.now() }
  const result = await parts.store.create(fresh)
  await parts.tokens.revokeOf(loginSubject(who.login))
  if (result.state !== 'created') return null
  report(parts, visit, { type: 'account_created', userId: result.account.id })
  return result.account
}
