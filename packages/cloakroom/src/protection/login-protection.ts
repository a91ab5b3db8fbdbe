import { type Duration, parseDuration } from '../core/duration.ts'
import { refuseUnknown } from '../core/options.ts'
import type { RateCheck, RateLimitOutcome, RateSource } from './rate-limit.ts'
import { createRateLimiter, type RateLimiter, type RateLimiterOptions } from './rate-limiter.ts'
import type { LimitRuleOptions } from './rules.ts'

/** Names of the rules for signing in. All of them count failures only. */
export type LoginRuleName =
  /** One address at one account. Blocks. */
  | 'login_pair'
  /** One known device at one account, instead of `login_pair` and `login_address`. Blocks. */
  | 'login_device'
  /** One address at any account. Blocks. */
  | 'login_address'
  /** One account from anywhere. Slows down, since a block would let strangers lock the owner out. */
  | 'login_account'
  /** Everybody. Only reports. */
  | 'login_all'

/** Rules that suit most applications. */
const defaultLoginRules: Readonly<Record<LoginRuleName, LimitRuleOptions>> = {
  login_pair: {
    limit: 5,
    window: '300s',
    block: { duration: '900s', at: 'limit', factor: 2, max: '1d' },
    isPublic: false,
  },
  login_device: {
    limit: 5,
    window: '300s',
    block: { duration: '900s', at: 'limit' },
    isPublic: false,
  },
  login_address: {
    limit: 50,
    window: '900s',
    block: { duration: '900s', at: 'limit', factor: 2, max: '1d' },
  },
  login_account: { limit: 50, window: '1h', isShadow: true, isPublic: false },
  login_all: { limit: 1000, window: '300s', isShadow: true, isPublic: false },
}

/** Options of {@link createLoginProtection}. */
export interface LoginProtectionOptions extends Omit<RateLimiterOptions, 'rules'> {
  /** Replaces rules of these names. `login_account` and `login_all` never refuse. */
  readonly rules?: Partial<Readonly<Record<LoginRuleName, LimitRuleOptions>>> | undefined
  /** How much later to answer while an account is under attack. @default '2s' */
  readonly slowDown?: Duration | undefined
  /**
   * Brings an account's name to the form in which accounts are looked up; all spellings that find
   * one account must become one. @default {@link normalizeAccount}
   */
  readonly normalize?: ((account: string) => string) | undefined
}

/** Somebody wants to sign in. */
export interface LoginAttempt {
  /** What was typed, or the account's id where both e-mail and user name lead to it. */
  readonly account: string
  /** The client's address cut to its network, as `addressKey` gives it. */
  readonly address: string
  /**
   * The id in a cookie which proves that somebody signed in to this very account with this device
   * before. Strangers can then not lock the owner out.
   */
  readonly device?: string | undefined
  readonly source?: RateSource | undefined
}

/** What was decided about a {@link LoginAttempt}. One of `fail` and `succeed` must follow. */
export interface LoginDecision {
  /** When false, answer as to a wrong password, whether or not the account exists. */
  readonly allowed: boolean
  readonly retryAfterMs: number
  /** Answer this much later, or ask for a second factor: the account is under attack. 0 if not. */
  readonly slowDownMs: number
  /** Whether so many sign-ins fail that somebody should look at it. */
  readonly isUnusual: boolean
  readonly outcome: RateLimitOutcome
  /**
   * The password was wrong, or there is no such account.
   *
   * @returns how long further attempts are blocked because of it, in milliseconds; 0 if not.
   */
  fail(): Promise<number>
  /** The password was right: forgets the failures of this account here, but not of the address. */
  succeed(): Promise<void>
}

/** Keeps passwords from being guessed, and owners from being locked out. */
export interface LoginProtection {
  readonly limiter: RateLimiter<LoginRuleName>
  /** Asks before the password is checked; until told otherwise, the attempt counts as a failure. */
  begin(attempt: LoginAttempt): Promise<LoginDecision>
  /** One text for every spelling of an account, which tells nothing of it: 22 characters. */
  idOf(account: string): string
  /** What `login_pair` counts under, to find the block of an account at an address. */
  pairKey(attempt: Pick<LoginAttempt, 'account' | 'address'>): readonly string[]
}

const known = ['rules', 'slowDown', 'normalize', 'store', 'local', 'instances', 'secret', 'events']

/** Makes a {@link LoginProtection}. @throws {ConfigError} naming the setting that is wrong. */
export function createLoginProtection(options: LoginProtectionOptions): LoginProtection {
  refuseUnknown('login', options, known)
  const { rules, slowDown = '2s', normalize = normalizeAccount, ...rest } = options
  const slowDownMs = parseDuration(slowDown, 'login.slowDown', { min: 0 })
  const limiter = createRateLimiter<LoginRuleName>({ ...rest, rules: resolveRules(rules) })

  return {
    limiter,
    idOf: account => limiter.idOf(['account', `=${normalize(account)}`]),
    pairKey: ({ account, address }) => [`=${normalize(account)}`, address],
    async begin(attempt) {
      // Never empty: to have typed nothing is an attempt like any other.
      const account = `=${normalize(attempt.account)}`
      const checks = checksOf(account, attempt)
      const reservation = await limiter.reserve(checks, attempt.source)
      const over = reservation.results
        .filter(({ reason }) => reason === 'limited' || reason === 'blocked')
        .map(({ rule }) => rule)
      return {
        allowed: reservation.allowed,
        retryAfterMs: reservation.retryAfterMs,
        slowDownMs: over.includes('login_account') ? slowDownMs : 0,
        isUnusual: over.includes('login_all'),
        outcome: reservation,
        fail: reservation.commit,
        async succeed() {
          if (!reservation.allowed) return
          await reservation.refund()
          const proven = checks.filter(({ rule }) => resetBySuccess.has(rule))
          await Promise.all(proven.map(({ rule, key }) => limiter.reset(rule, key)))
        },
      }
    },
  }
}

/**
 * An account's name as most applications compare it: composed (NFC), without regard to case, without
 * spaces around it.
 */
export function normalizeAccount(account: string): string {
  // Upper case first: it takes apart what lower case alone would keep apart, such as ß and ſ.
  return account.normalize('NFC').toUpperCase().toLowerCase().normalize('NFC').trim()
}

/** A success says nothing about what else comes from the same address. */
const resetBySuccess: ReadonlySet<LoginRuleName> = new Set([
  'login_pair',
  'login_device',
  'login_account',
])

function resolveRules(
  given: LoginProtectionOptions['rules'] = {},
): Readonly<Record<LoginRuleName, LimitRuleOptions>> {
  const rules = { ...defaultLoginRules, ...given }
  return {
    ...rules,
    login_account: { ...rules.login_account, isShadow: true },
    login_all: { ...rules.login_all, isShadow: true },
  }
}

function checksOf(
  account: string,
  { address, device }: LoginAttempt,
): readonly RateCheck<LoginRuleName>[] {
  if (device !== undefined) {
    return [
      { rule: 'login_device', key: [account, device] },
      { rule: 'login_all', key: 'all' },
    ]
  }
  return [
    { rule: 'login_pair', key: [account, address] },
    { rule: 'login_account', key: account },
    { rule: 'login_address', key: address },
    { rule: 'login_all', key: 'all' },
  ]
}
