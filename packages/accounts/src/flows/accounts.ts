import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, ConfigError, type Duration } from 'cloakroom'
import { parseDuration, refuseUnknown, requireOneOf } from 'cloakroom/kit'
import type { FactorStore } from '../account/factor-store.ts'
import type { IdentityStore } from '../account/identity-store.ts'
import type { ImpersonationStore } from '../account/impersonation-store.ts'
import type {
  EventHub,
  Limiter,
  LoginGuard,
  Roles,
  SessionEnder,
  SessionLockers,
  TextSealer,
} from '../account/ports.ts'
import { type AccountStore, defaultAdminRole } from '../account/store.ts'
import type { TokenPurpose, TokenStore } from '../account/token-store.ts'
import { createTokens, idOfSubject } from '../account/tokens.ts'
import { type MailsOption, resolveMails } from '../mail/languages.ts'
import { createLinks, type LinkOptions } from '../mail/links.ts'
import type { Mailer } from '../mail/mailer.ts'
import { createOutbox } from '../mail/outbox.ts'
import { createPasswordHasher, type PasswordHasherOptions } from '../passwords/hasher.ts'
import {
  createPasswordRules,
  type PasswordRules,
  type PasswordRulesOptions,
} from '../passwords/rules.ts'
import { type AdministrationFlows, createAdministrationFlows } from './administration.ts'
import { type AuthorizationFlows, createAuthorizationFlows } from './authorization.ts'
import { createEnrolmentFlows, type EnrolmentFlows } from './enrolment.ts'
import { createFactorResetFlows, type FactorResetFlows } from './factor-reset.ts'
import { createFederationFlows, type FederationFlows } from './federation.ts'
import { createFirstAdminFlows, type FirstAdminFlows } from './first-admin.ts'
import { createImpersonationFlows, type ImpersonationFlows } from './impersonation.ts'
import { createInvitationFlows, type InvitationFlows } from './invitation.ts'
import { createOperatorFlows, type OperatorFlows } from './operator.ts'
import { createOwnAccountFlows, type OwnAccountFlows } from './own-account.ts'
import type { FlowParts, FlowSettings } from './parts.ts'
import { createPasswordFlows, type PasswordFlows } from './passwords.ts'
import { createRegistrationFlows, type RegistrationFlows } from './registration.ts'
import { createSecondFactorFlows, type SecondFactorFlows } from './second-factor.ts'
import { createSignInFlows, type SignInFlows } from './sign-in.ts'

/** Where accounts are kept. */
export interface AccountStores {
  readonly accounts: AccountStore
  readonly tokens: TokenStore
  readonly impersonations: ImpersonationStore
  /** Needed for sign-in by providers alone. */
  readonly identities?: IdentityStore | undefined
  /** Needed for second factors alone. */
  readonly factors?: FactorStore | undefined
}

/** The parts of Cloakroom that accounts stand on. What `createCloakroom` returns has them. */
export interface AccountsEngine {
  readonly sessions: SessionEnder & SessionLockers
  /** With the rules of `accountRules`. */
  readonly limiter: Limiter
  readonly loginProtection: LoginGuard
  /** With the permissions of `accountRolePermissions`, or others of these names. */
  readonly roles: Roles
  readonly events: EventHub
  readonly clock: Clock
  /** Seals the secrets of second factors. */
  sealer(purpose: string): TextSealer
}

/** Options of {@link createAccountFlows}. */
export interface AccountFlowsOptions extends LinkOptions {
  readonly cloakroom: AccountsEngine
  readonly stores: AccountStores
  readonly mailer: Mailer
  /** Name of the application, as mails call it. No password may be made of it. */
  readonly product: string
  /** Mails in other words or another language. */
  readonly mails?: MailsOption | undefined
  readonly hasher?: PasswordHasherOptions | undefined
  readonly passwords?: PasswordRulesOptions | undefined
  /** `'closed'`: accounts only by invitation. @default 'open' */
  readonly registration?: 'open' | 'closed' | undefined
  /** The role of those who register. @default 'user' */
  readonly newRole?: string | undefined
  /** The role that somebody must always have; the store must be told the same. @default 'admin' */
  readonly adminRole?: string | undefined
  /** How long links work. @default { registration: '24h', reset: '10m', email: '1h', invitation: '3d' } */
  readonly linkLife?: Partial<Readonly<Record<TokenPurpose, Duration>>> | undefined
  /**
   * Roles whose accounts must have a second factor, and with them all above: without one, people set it
   * up before they are signed in. @default none
   */
  readonly requireSecondFactor?: readonly string[] | undefined
  /** How long after a proof of who they are people may do what is sensitive. @default '10m' */
  readonly recent?: Duration | undefined
  /** How long an administrator may act as somebody. @default '30m', at most '4h' */
  readonly impersonation?: Duration | undefined
  /** Resolves after a time. @default by the timers of Node.js */
  readonly wait?: ((ms: number) => Promise<void>) | undefined
}

/** Everything that can be done with accounts, without HTTP. */
export interface AccountFlows
  extends SignInFlows,
    RegistrationFlows,
    InvitationFlows,
    PasswordFlows,
    OwnAccountFlows,
    AdministrationFlows,
    AuthorizationFlows,
    ImpersonationFlows,
    FederationFlows,
    SecondFactorFlows,
    EnrolmentFlows,
    FactorResetFlows,
    FirstAdminFlows,
    OperatorFlows {
  readonly rules: PasswordRules
  readonly lacks: AccountStore['lacks']
  /** Whether a link still works, for the page it leads to, and for whom. Uses nothing up. */
  peekLink(purpose: TokenPurpose, token: string): Promise<{ readonly email: string } | null>
  /** Resolves when all mails are on their way: before the process ends. */
  flush(): Promise<void>
}

const known = [
  'cloakroom',
  'stores',
  'mailer',
  'product',
  'publicUrl',
  'paths',
  'mails',
  'hasher',
  'passwords',
  'registration',
  'newRole',
  'adminRole',
  'linkLife',
  'requireSecondFactor',
  'recent',
  'impersonation',
  'wait',
] as const satisfies readonly (keyof AccountFlowsOptions)[]

/**
 * Makes {@link AccountFlows}.
 *
 * @throws {ConfigError} naming the setting that is wrong.
 */
export function createAccountFlows(options: AccountFlowsOptions): AccountFlows {
  refuseUnknown('accounts', options, known)
  const { cloakroom, stores, mailer, product } = options
  const { sessions, limiter, loginProtection, roles, events, clock } = cloakroom
  // First, since it refuses what is no address.
  const links = createLinks({ publicUrl: options.publicUrl, paths: options.paths })
  const words = [product, new URL(options.publicUrl).hostname, ...(options.passwords?.words ?? [])]
  const parts: FlowParts = {
    store: stores.accounts,
    tokens: createTokens(stores.tokens, clock),
    impersonations: stores.impersonations,
    identities: stores.identities,
    factors: stores.factors,
    sealer: cloakroom.sealer('second factor'),
    hasher: createPasswordHasher(options.hasher),
    rules: createPasswordRules({ ...options.passwords, words }),
    outbox: createOutbox({ mailer, events }),
    links,
    texts: resolveMails(options.mails),
    sessions,
    lockers: sessions,
    limiter,
    login: loginProtection,
    roles,
    events,
    clock,
    wait: options.wait ?? sleep,
    settings: resolveSettings(options),
  }
  return {
    ...createSignInFlows(parts),
    ...createRegistrationFlows(parts),
    ...createInvitationFlows(parts),
    ...createPasswordFlows(parts),
    ...createOwnAccountFlows(parts),
    ...createAdministrationFlows(parts),
    ...createAuthorizationFlows(parts),
    ...createImpersonationFlows(parts),
    ...createFederationFlows(parts),
    ...createSecondFactorFlows(parts),
    ...createEnrolmentFlows(parts),
    ...createFactorResetFlows(parts),
    ...createFirstAdminFlows(parts),
    ...createOperatorFlows(parts),
    rules: parts.rules,
    lacks: parts.store.lacks,
    peekLink: (purpose, token) => peekLink(parts, purpose, token),
    flush: parts.outbox.flush,
  }
}

function resolveSettings(options: AccountFlowsOptions): FlowSettings {
  const { adminRole = defaultAdminRole, newRole = 'user', registration = 'open' } = options
  const { requireSecondFactor: secondFactorRoles = [] } = options
  const { roles } = options.cloakroom
  roles.requireKnown(adminRole)
  roles.requireKnown(newRole)
  for (const role of secondFactorRoles) roles.requireKnown(role)
  if (secondFactorRoles.length > 0 && options.stores.factors === undefined) {
    const message = '`requireSecondFactor` needs `factors` among the stores of accounts.'
    throw new ConfigError('ERR_OPTION_INVALID', message)
  }
  const lives = { registration: '24h', reset: '10m', email: '1h', invitation: '3d' } as const
  const life = (purpose: TokenPurpose, max: number): number =>
    parseDuration(options.linkLife?.[purpose] ?? lives[purpose], `accounts.linkLife.${purpose}`, {
      min: minuteMs,
      max,
    })
  return {
    product: options.product,
    adminRole,
    newRole,
    secondFactorRoles,
    isRegistrationOpen:
      requireOneOf('accounts.registration', registration, ['open', 'closed']) === 'open',
    // NIST SP 800-63B-4 lets codes that were mailed live for a day at most.
    lifeMs: {
      registration: life('registration', 7 * dayMs),
      reset: life('reset', dayMs),
      email: life('email', dayMs),
      invitation: life('invitation', 7 * dayMs),
    },
    recentMs: parseDuration(options.recent ?? '10m', 'accounts.recent', { min: minuteMs }),
    impersonationMs: parseDuration(options.impersonation ?? '30m', 'accounts.impersonation', {
      min: minuteMs,
      max: 4 * 60 * minuteMs,
    }),
  }
}

const minuteMs = 60_000
const dayMs = 86_400_000

async function peekLink(
  { tokens, store }: FlowParts,
  purpose: TokenPurpose,
  token: string,
): Promise<{ readonly email: string } | null> {
  const found = await tokens.find(purpose, token)
  if (found === null) return null
  const { email } = found.facts
  if (email !== undefined) return { email }
  const account = await store.findById(idOfSubject(found.subject))
  return account?.status === 'active' ? { email: account.email } : null
}
