import { setTimeout as delay } from 'node:timers/promises'
import type { EventSource } from '../events/event.ts'
import { addressKey } from '../http/ip.ts'
import { rateLimitHeaders } from '../protection/rate-limit-headers.ts'
import type { Engine } from './engine.ts'
import type { KnownDevice } from './known-device.ts'
import { rateRefusal } from './rate-refusal.ts'

/** A password to be checked. */
export interface PasswordCheck<User> {
  /** What was typed as the name of the account, or the account's id. */
  readonly account: string
  readonly source: EventSource
  /** Where it was typed. */
  readonly device: Pick<KnownDevice, 'idFor' | 'note'>
  /** Gives the user, or null when the password is wrong or there is no such account. */
  readonly check: () => Promise<User | null>
}

/**
 * Runs a check of a password, unless too many of them failed, and gives what it gives.
 *
 * @throws {HttpError} 429 after too many wrong ones; 503 when they cannot be counted.
 */
export async function checkPassword<User extends { readonly id: string }>(
  { loginProtection, events }: Pick<Engine<never>, 'loginProtection' | 'events'>,
  { account, source, device, check }: PasswordCheck<User>,
): Promise<User | null> {
  const address = addressKey(source.ip ?? '')
  const known = device.idFor(account)
  const who = { account, address, source, ...(known !== undefined && { device: known }) }
  const attempt = await loginProtection.begin(who)
  const headers = rateLimitHeaders(attempt.outcome, loginProtection.limiter.rules)
  const refusal = rateRefusal(attempt.outcome, headers)
  if (refusal !== null) throw refusal
  const user = await check()
  if (attempt.slowDownMs > 0) await delay(attempt.slowDownMs)
  if (user === null) {
    await attempt.fail()
    events.emit({ type: 'auth_failure', ...source, reason: 'password' })
    return null
  }
  await attempt.succeed()
  device.note(account)
  events.emit({ type: 'auth_success', ...source, userId: user.id })
  return user
}
