import { type Clock, systemClock } from '../../core/clock.ts'
import { type Duration, parseDuration } from '../../core/duration.ts'
import { StoreError } from '../../core/errors.ts'
import { requireInteger } from '../../core/options.ts'
import { type Breaker, createBreaker } from './breaker.ts'
import type { RedisClient } from './client.ts'
import { createDeadlines, type Deadline, type Deadlines } from './deadline.ts'
import { toStoreError } from './reply-error.ts'
import { createSilence } from './silence.ts'

/** How long to wait for Redis, and when to stop asking it. */
export interface GuardOptions {
  /** How long a command may take, waiting for a connection included. @default '1s' */
  readonly deadline?: Duration
  /** How many commands in a row must fail before none is sent for a while. @default 5 */
  readonly failures?: number
  /** How long that while is at first; it doubles with each failed attempt. @default 500 */
  readonly retryAfter?: Duration
  /** The longest while between attempts. @default '5s' */
  readonly maxRetryAfter?: Duration
  /** How many commands may be under way at once; more are refused. @default 10_000 */
  readonly maxInFlight?: number
  /** Told when commands stop being sent (true) and when they are again (false). Must not throw. */
  readonly onUnavailable?: (isUnavailable: boolean) => void
  /** @default the machine's clock */
  readonly clock?: Clock
}

/** Stands before a client so that every call ends in time and no queue grows. */
export interface Guard {
  /**
   * Does what `send` does, and does it again where `canRetry` says so of its error.
   *
   * @throws {StoreError} when it fails, takes too long, or is not tried.
   */
  run<Reply>(send: () => Promise<Reply>, canRetry?: (error: unknown) => boolean): Promise<Reply>
}

/** Makes a {@link Guard}. */
export function createGuard(client: RedisClient, options: GuardOptions): Guard {
  const deadlineMs = parseDuration(options.deadline ?? 1000, 'deadline', { min: 10 })
  const maxInFlight = requireInteger('maxInFlight', options.maxInFlight ?? 10_000, { min: 1 })
  const breaker = resolveBreaker(options)
  const silence = createSilence({
    clock: options.clock ?? systemClock,
    calls: resolveFailures(options),
    patienceMs: deadlineMs,
  })
  const { description } = client
  /** Calls that wait for a connection. Each leaves when its deadline runs out. */
  const waiting = new Map<Deadline, () => void>()
  const deadlines: Deadlines = createDeadlines(deadlineMs, expire)
  let isConnecting = false
  /** Calls the client still holds, among them those given up here. */
  let inFlight = 0

  function expire(deadline: Deadline): StoreError {
    fail()
    if (waiting.delete(deadline)) {
      return unavailable(`is not connected${client.problem === null ? '' : `: ${client.problem}`}`)
    }
    if (silence.giveUp()) client.renew()
    const message = `${description} did not answer within ${deadlineMs} ms. Retry later.`
    return new StoreError('ERR_STORE_TIMEOUT', message)
  }

  function fail(): void {
    const isProbe = breaker.fail()
    // The connection may be silent, which TCP takes a quarter of an hour to notice, or it may lead
    // to a server that has been demoted.
    if (isProbe && client.isReady) client.reconnect()
  }

  function unavailable(why: string): StoreError {
    return new StoreError('ERR_STORE_UNAVAILABLE', `${description} ${why}. Retry later.`)
  }

  function sendWhenReady(deadline: Deadline, send: () => void): void {
    waiting.set(deadline, send)
    if (isConnecting) return
    isConnecting = true
    client.whenReady().then(sendWaiting, refuseWaiting)
  }

  function takeWaiting(): [Deadline, () => void][] {
    const taken = [...waiting]
    waiting.clear()
    isConnecting = false
    return taken
  }

  function sendWaiting(): void {
    for (const [, send] of takeWaiting()) send()
  }

  function refuseWaiting(error: unknown): void {
    for (const [deadline] of takeWaiting()) {
      deadlines.stop(deadline)
      fail()
      deadline.reject(toStoreError(error, description))
    }
  }

  return {
    run<Reply>(send: () => Promise<Reply>, canRetry = never): Promise<Reply> {
      if (inFlight + waiting.size >= maxInFlight) {
        return Promise.reject(unavailable(`has ${maxInFlight} commands under way`))
      }
      if (!breaker.allows()) return Promise.reject(unavailable('is not answering'))
      return new Promise((resolve, reject) => {
        const deadline = deadlines.start(reject)
        const onReply = (reply: Reply) => {
          inFlight -= 1
          if (!deadlines.stop(deadline)) return silence.end()
          breaker.succeed()
          resolve(reply)
        }
        const onError = (error: unknown) => {
          inFlight -= 1
          if (!deadline.isRunning) return silence.end()
          if (canRetry(error)) return sendNow()
          deadlines.stop(deadline)
          const failure = toStoreError(error, description)
          if (failure.code === 'ERR_STORE_REPLY') breaker.succeed()
          else fail()
          reject(failure)
        }
        const sendNow = () => {
          inFlight += 1
          send().then(onReply, onError)
        }
        if (client.isReady) sendNow()
        else sendWhenReady(deadline, sendNow)
      })
    },
  }
}

function never(_error: unknown): boolean {
  return false
}

function resolveFailures({ failures }: GuardOptions): number {
  return requireInteger('failures', failures ?? 5, { min: 1 })
}

function resolveBreaker(options: GuardOptions): Breaker {
  const bounds = { min: 1 }
  return createBreaker({
    clock: options.clock ?? systemClock,
    failures: resolveFailures(options),
    retryMs: parseDuration(options.retryAfter ?? 500, 'retryAfter', bounds),
    maxRetryMs: parseDuration(options.maxRetryAfter ?? 5000, 'maxRetryAfter', bounds),
    onChange: options.onUnavailable ?? (() => undefined),
  })
}
