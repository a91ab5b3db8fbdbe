import { addressKey } from '../http/ip.ts'
import { combineResults, type RateKey } from '../protection/rate-limit.ts'
import { rateLimitHeaders } from '../protection/rate-limit-headers.ts'
import type { Handling } from './handle.ts'
import { partiesOf } from './parties.ts'
import { rateRefusal } from './rate-refusal.ts'
import { forbidden, unauthenticated } from './request-errors.ts'

/** What a route demands of whoever asks. */
export interface Demand {
  /** At least this role. */
  readonly role?: string
  readonly permission?: string
  /** The user proved who they are within this time, in milliseconds. */
  readonly freshMs?: number
}

/**
 * Lets a request through that meets the demand.
 *
 * @throws {HttpError} 401 when nobody is signed in, 403 when it is somebody who may not.
 */
export function guardAccess<Data extends object>(
  handling: Handling<Data>,
  demand: Demand,
): Promise<void> | null {
  const opening = handling.session.open()
  if (opening !== null) return opening.then(() => requireAccess(handling, demand))
  requireAccess(handling, demand)
  return null
}

function requireAccess<Data extends object>(handling: Handling<Data>, demand: Demand): void {
  const { engine, session } = handling
  const { user } = session
  if (user === null) throw unauthenticated()
  const reason = refusalOf(session, demand, engine.clock.now())
  if (reason === null) return
  deny(handling, reason)
}

/** Reads the session from the store itself. @throws {HttpError} 403 for who acts as somebody else. */
export async function guardSensitive<Data extends object>(handling: Handling<Data>): Promise<void> {
  await handling.markSensitive()
  if (handling.session.user?.actor) deny(handling, 'impersonating')
}

const messages: Readonly<Record<string, string>> = {
  stale: 'Confirm who you are first.',
  impersonating: 'Only the user may do this, and nobody in their place.',
}

function deny<Data extends object>(
  { engine, session, source }: Handling<Data>,
  reason: string,
): never {
  const about = { ...partiesOf(session.user), sessionId: session.id ?? undefined, reason }
  engine.events.emit({ type: 'access_denied', ...source, ...about })
  throw forbidden(reason, messages[reason])
}

function refusalOf<Data extends object>(
  session: Handling<Data>['session'],
  { role, permission, freshMs }: Demand,
  now: number,
): string | null {
  if (role !== undefined && !session.hasRole(role)) return 'role'
  if (permission !== undefined && !session.hasPermission(permission)) return 'permission'
  if (freshMs === undefined) return null
  // Whatever was proven was not proven by the user.
  if (session.user?.actor) return 'impersonating'
  if (now - provedAt(session) > freshMs) return 'stale'
  return null
}

/** When the user last proved who they are, in whatever way. */
function provedAt<Data extends object>(session: Handling<Data>['session']): number {
  return Math.max(0, ...Object.values(session.info?.methods ?? {}))
}

/**
 * Counts a request under a rule and puts the RateLimit headers on its response.
 *
 * @param key whom to count; by default the user who is signed in, or else the client's address.
 * @throws {HttpError} 429 or 503 when the rule refuses.
 */
export async function guardRate<Data extends object>(
  { engine, session, client, source, exchange }: Handling<Data>,
  { rule, key }: { readonly rule: string; readonly key?: RateKey | undefined },
): Promise<void> {
  const who = session.isLoaded && session.state === 'valid' ? partiesOf(session.user) : {}
  const { userId } = who
  const counted = key ?? (userId === undefined ? ['ip', addressKey(client.ip)] : ['user', userId])
  const result = await engine.limiter.check(rule, counted, { source: { ...source, ...who } })
  const outcome = combineResults([result])
  const headers = rateLimitHeaders(outcome, engine.limiter.rules)
  for (const [name, value] of Object.entries(headers)) exchange.response.set(name, value)
  const refusal = rateRefusal(outcome, headers)
  if (refusal !== null) throw refusal
}
