import type { Clock } from '../core/clock.ts'
import { requireOneOf } from '../core/options.ts'
import {
  type DatedEvent,
  type EventListener,
  type EventSink,
  type EventType,
  eventTypes,
} from './event.ts'

/** Options of {@link createEventHub}. */
export interface EventHubOptions {
  readonly clock: Clock
  /**
   * Told when a listener has failed, once for each listener, however often it goes on failing.
   *
   * @default a warning of the process, since an audit log must not break unnoticed
   */
  readonly onListenerError?: ((error: unknown) => void) | undefined
}

/** Passes events on to whoever listens. */
export interface EventHub extends EventSink {
  /** Listens to every event. The result ends it. */
  on(listener: EventListener): () => void
  /** Listens to one kind of event. @throws {ConfigError} when there is no such kind. */
  on(type: EventType, listener: EventListener): () => void
  /** How often a listener has thrown or rejected, all listeners together. */
  failureCount(): number
}

interface Subscription {
  readonly type: EventType | null
  readonly listener: EventListener
  hasFailed: boolean
}

/** Makes an {@link EventHub}. */
export function createEventHub(options: EventHubOptions): EventHub {
  const { clock, onListenerError = warn } = options
  // Replaced, never changed: a listener may subscribe and unsubscribe while an event is passed on.
  let subscriptions: readonly Subscription[] = []
  let failures = 0

  function fail(subscription: Subscription, error: unknown): void {
    failures += 1
    if (subscription.hasFailed) return
    subscription.hasFailed = true
    attempt(() => onListenerError(error))
  }

  function pass(subscription: Subscription, event: DatedEvent): void {
    try {
      const result = subscription.listener(event)
      if (isThenable(result)) result.then(undefined, error => fail(subscription, error))
    } catch (error) {
      fail(subscription, error)
    }
  }

  function on(first: EventType | EventListener, second?: EventListener): () => void {
    const subscription = subscribe(first, second)
    subscriptions = [...subscriptions, subscription]
    return () => {
      subscriptions = subscriptions.filter(other => other !== subscription)
    }
  }

  return {
    on,
    emit(event) {
      const dated = Object.freeze({ ...event, at: event.at ?? clock.now() })
      for (const subscription of subscriptions) {
        const { type } = subscription
        if (type === null || type === dated.type) pass(subscription, dated)
      }
    },
    failureCount: () => failures,
  }
}

function subscribe(
  first: EventType | EventListener,
  second: EventListener | undefined,
): Subscription {
  if (typeof first === 'function') return { type: null, listener: first, hasFailed: false }
  const type = requireOneOf('on(type)', first, eventTypes)
  if (typeof second !== 'function') throw new TypeError('A listener must be a function.')
  return { type, listener: second, hasFailed: false }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  if (typeof value !== 'object' || value === null) return false
  return 'then' in value && typeof value.then === 'function'
}

function attempt(action: () => void): void {
  try {
    action()
  } catch {
    // It was told; there is nobody left to tell.
  }
}

function warn(error: unknown): void {
  process.emitWarning(`A listener of security events failed: ${String(error)}`, {
    code: 'CLOAKROOM_LISTENER_FAILED',
  })
}
