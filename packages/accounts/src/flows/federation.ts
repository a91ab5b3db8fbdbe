import type { Account, AccountView } from '../account/account.ts'
import { parseEmail, parseName } from '../account/email.ts'
import type { Identity } from '../account/identity-store.ts'
import type { Visit } from '../account/ports.ts'
import { newId } from '../account/secret.ts'
import { admit } from './admission.ts'
import { type Refusal, refuse, type Success, type Throttled, type Unsupported } from './outcome.ts'
import { changeAccount, endEverywhere, type FlowParts, report } from './parts.ts'
import type { StepKind } from './steps.ts'

/** What a provider of sign-in says of somebody who proved to it who they are. */
export interface FederatedInput extends Identity {
  readonly email: string | undefined
  /** Whether the provider saw that they read mail at that address. */
  readonly isEmailVerified: boolean
  readonly name?: string | undefined
  /** The role that the provider says they have; left out, the account's own stays. */
  readonly role?: string | undefined
  /** Whether an account is made for whoever has none. @default as for those who register */
  readonly mayRegister?: boolean | undefined
  /** How they proved it, in the names of RFC 8176. @default ['fed'] */
  readonly methods?: readonly string[] | undefined
}

/** What came of a sign-in by a provider. */
export type FederatedResult =
  | Success<{ readonly account: AccountView }>
  /** The account is disabled. */
  | Refusal<'disabled'>
  /** Unknown here, and without an e-mail address that the provider verified. */
  | Refusal<'unverified'>
  /** Unknown here, and accounts are made by invitation only. */
  | Refusal<'closed'>
  | Refusal<'too-many-sessions' | 'wrong'>
  /**
   * The role demands a second factor, and the provider asked for none (`mfa`); or the account has one,
   * and was found by its address.
   */
  | Refusal<StepKind>
  | Throttled
  | Unsupported

/** Signing in by what a provider says, such as one of OpenID Connect. */
export interface FederationFlows {
  /**
   * Signs in whoever a provider knows. The first time, an account with the same verified address is
   * theirs from then on, once they gave a code where it has a second factor, or one is made; afterwards
   * the provider's name for them counts alone, since an address may be given to somebody else.
   */
  signInFederated(input: FederatedInput, visit: Visit): Promise<FederatedResult>
}

/** Makes {@link FederationFlows}. */
export function createFederationFlows(parts: FlowParts): FederationFlows {
  const { store, identities, roles } = parts

  return {
    async signInFederated(input, visit) {
      if (input.role !== undefined) roles.requireKnown(input.role)
      if (identities === undefined) return refuse('unsupported')
      const linked = await findLinked(input)
      const found = linked ?? (await findOrMake(input))
      if ('ok' in found) return found
      if (found.status !== 'active') {
        report(parts, visit, { type: 'auth_failure', userId: found.id, reason: 'disabled' })
        return refuse('disabled')
      }
      const account = await followRole(found, input.role, visit)
      const { issuer, subject, methods = ['fed'] } = input
      const isProven = async (): Promise<boolean> => true
      const about = { identity: { issuer, subject }, isKnownToProvider: linked !== null }
      return admit(parts, { account, remember: false, methods, isProven, ...about }, visit)
    },
  }

  async function findLinked(identity: Identity): Promise<Account | null> {
    const id = await identities?.find(identity)
    return id ? store.findById(id) : null
  }

  async function findOrMake(
    input: FederatedInput,
  ): Promise<Account | Refusal<'unverified' | 'closed'> | Unsupported> {
    const address = input.email === undefined ? null : parseEmail(input.email)
    if (address === null || !input.isEmailVerified) return refuse('unverified')
    const existing = await store.findByLogin(address.login)
    if (existing !== null) return existing
    if (store.lacks.has('creation')) return refuse('unsupported')
    if (!(input.mayRegister ?? parts.settings.isRegistrationOpen)) return refuse('closed')
    const made = await store.create({
      id: newId(),
      login: address.login,
      email: address.email,
      name: parseName(input.name ?? '') ?? '',
      role: input.role ?? parts.settings.newRole,
      status: 'active',
      passwordHash: null,
      passwordExpiresAt: null,
      createdAt: parts.clock.now(),
    })
    // Somebody else made it in this moment: a second tab, most likely.
    return made.state === 'created' ? made.account : findOrMake(input)
  }

  /** The provider's word on a role replaces the account's; other sessions must not keep the old one. */
  async function followRole(
    account: Account,
    role: string | undefined,
    visit: Visit,
  ): Promise<Account> {
    if (role === undefined || role === account.role) return account
    const result = await changeAccount(parts, account, { role })
    // The last administrator stays one, whatever a provider says.
    if (result.state !== 'updated') return account
    await endEverywhere(parts, account, { source: visit.source, reason: 'role-changed' })
    return result.account
  }
}
