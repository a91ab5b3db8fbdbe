import { type Duration, parseDuration } from '../core/duration.ts'
import { ConfigError } from '../core/errors.ts'
import { refuseUnknown, requireInteger, requireOneOf } from '../core/options.ts'
import { largestContent } from './codec.ts'
import type { OverLimit } from './store.ts'

/** How long a kind of session may live. */
export interface LifetimeOptions {
  /** Ends after this long without a request. */
  idle?: Duration
  /** Ends this long after sign-in, whatever happens. */
  absolute?: Duration
}

/** How many sessions one user may have. */
export interface LimitOptions {
  /** @default 5 */
  max?: number
  /** What happens to the one that is too many. @default 'end-oldest' */
  over?: OverLimit
}

/** Rules that sessions live by. */
export interface SessionOptions extends LifetimeOptions {
  /** @default '1h' */
  idle?: Duration
  /** @default '12h' */
  absolute?: Duration
  /** For users who asked to stay signed in. @default { idle: '14d', absolute: '30d' } */
  remember?: LifetimeOptions
  /** For visitors who are not signed in. @default { idle: '1h', absolute: '12h' } */
  anonymous?: LifetimeOptions
  /** Activity is noted at most this often. @default a twentieth of `idle` */
  touchEvery?: Duration
  /** How long a replaced token still works for requests under way. @default '10s' */
  grace?: Duration
  /** Sessions per user; false for no limit. @default { max: 5, over: 'end-oldest' } */
  limit?: LimitOptions | false
  /**
   * `'ticket'` seals the data under a key that is made from the server's key and the token: neither
   * Redis nor the server alone can open it. @default 'server'
   */
  seal?: 'server' | 'ticket'
  /**
   * How much a session may hold, in bytes before compression; more is refused when it is saved.
   *
   * @default 1_048_576
   */
  maxBytes?: number
}

/** A lifetime in milliseconds, of whole seconds. */
export interface Lifetime {
  readonly idleMs: number
  readonly absoluteMs: number
}

/** A lifetime that ends after this long at the latest. @throws {ConfigError} naming `lifetime`. */
export function shorten(lifetime: Lifetime, limit: Duration | undefined): Lifetime {
  if (limit === undefined) return lifetime
  requireNoSeconds('lifetime', limit)
  const absoluteMs = Math.min(
    lifetime.absoluteMs,
    wholeSeconds(parseDuration(limit, 'lifetime', { min: 1000 })),
  )
  return { idleMs: Math.min(lifetime.idleMs, absoluteMs), absoluteMs }
}

/** {@link SessionOptions} with every value settled. */
export interface SessionPolicy {
  readonly user: Lifetime
  readonly remember: Lifetime
  readonly anonymous: Lifetime
  /** Activity is noted at most this often. */
  readonly touchEveryMs: number
  readonly graceMs: number
  readonly limit: { readonly max: number; readonly over: OverLimit } | null
  readonly isTicket: boolean
  readonly maxBytes: number
}

/** @throws {ConfigError} naming the setting that is wrong. */
export function resolvePolicy(options: SessionOptions = {}): SessionPolicy {
  refuseUnknown('session', options, [
    'idle',
    'absolute',
    'remember',
    'anonymous',
    'touchEvery',
    'grace',
    'limit',
    'seal',
    'maxBytes',
  ])
  const user = resolveLifetime('session', options, { idle: '1h', absolute: '12h' })
  const touchEveryMs =
    options.touchEvery === undefined
      ? user.idleMs / 20
      : parseDuration(options.touchEvery, 'session.touchEvery', { min: 0, max: user.idleMs / 2 })
  return {
    user,
    remember: resolveLifetime('session.remember', options.remember ?? {}, {
      idle: '14d',
      absolute: '30d',
    }),
    anonymous: resolveLifetime('session.anonymous', options.anonymous ?? {}, {
      idle: user.idleMs,
      absolute: user.absoluteMs,
    }),
    touchEveryMs,
    graceMs: parseDuration(options.grace ?? '10s', 'session.grace', { min: 0, max: 60_000 }),
    limit: resolveLimit(options.limit),
    isTicket:
      requireOneOf('session.seal', options.seal ?? 'server', ['server', 'ticket']) === 'ticket',
    maxBytes: requireInteger('session.maxBytes', options.maxBytes ?? 2 ** 20, {
      min: 1024,
      max: largestContent,
    }),
  }
}

function resolveLifetime(
  name: string,
  options: LifetimeOptions,
  defaults: Required<LifetimeOptions>,
): Lifetime {
  if (name !== 'session') refuseUnknown(name, options, ['idle', 'absolute'])
  const { idle, absolute } = options
  requireNoSeconds(`${name}.idle`, idle)
  requireNoSeconds(`${name}.absolute`, absolute)
  const bounds = { min: 1000 }
  const idleMs = wholeSeconds(parseDuration(idle ?? defaults.idle, `${name}.idle`, bounds))
  const absoluteMs = wholeSeconds(
    parseDuration(absolute ?? defaults.absolute, `${name}.absolute`, bounds),
  )
  if (idleMs > absoluteMs && idle !== undefined && absolute !== undefined) {
    throw new ConfigError(
      'ERR_OPTION_INVALID',
      `\`${name}.idle\` is longer than \`${name}.absolute\`, so it would never count. Shorten it.`,
    )
  }
  return { idleMs: Math.min(idleMs, absoluteMs), absoluteMs }
}

/** A bare number below a minute is most often a number of seconds. */
function requireNoSeconds(name: string, value: Duration | undefined): void {
  if (typeof value !== 'number' || value < 1000 || value >= 60_000) return
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `\`${name}\` is ${value} ms, less than a minute. If you mean seconds, write \`'${value}s'\`; if you mean it, \`'${value}ms'\`.`,
  )
}

function resolveLimit(limit: LimitOptions | false | undefined): SessionPolicy['limit'] {
  if (limit === false) return null
  refuseUnknown('session.limit', limit ?? {}, ['max', 'over'])
  return {
    max: requireInteger('session.limit.max', limit?.max ?? 5, { min: 1, max: 100_000 }),
    over: requireOneOf('session.limit.over', limit?.over ?? 'end-oldest', [
      'end-oldest',
      'end-least-recent',
      'refuse',
    ]),
  }
}

function wholeSeconds(ms: number): number {
  return Math.ceil(ms / 1000) * 1000
}
