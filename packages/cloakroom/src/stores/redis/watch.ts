import type { Clock } from '../../core/clock.ts'
import { randomText } from '../../core/random.ts'
import type { ChangeListener, Watch } from '../../sessions/changes.ts'
import type { Subscription } from './client.ts'
import type { Keys } from './keys.ts'
import { notices, readNotice } from './notices.ts'
import type { ScriptRunner } from './script.ts'

/** What {@link watchRedis} needs. */
export interface RedisWatchOptions {
  readonly scripts: ScriptRunner
  readonly keys: Keys
  readonly clock: Clock
}

/** A heartbeat goes out this often, unless the one before is still under way. */
const heartbeatMs = 500

/** A heartbeat that has not come back after three more is lost; connecting may take ten seconds. */
const patience = { heard: 3, connecting: 20 }

/** A heartbeat under way. */
interface Beat {
  readonly number: number
  readonly sentAt: number
  /** How many servers it was sent through; each delivers it once. */
  expected: number
  arrived: number
}

/**
 * Listens to what scripts publish, and proves that it is heard.
 *
 * A lost connection shows; a network that fell silent does not. So each process sends itself
 * heartbeats, through every master and to the connection it listens on. Messages of one server keep
 * their order: once a heartbeat is back from all of them, so is every change before it.
 */
export function watchRedis(options: RedisWatchOptions, listener: ChangeListener): Watch {
  const { scripts, keys, clock } = options
  const heartbeats = keys.heartbeats(randomText(8))
  let subscription: Subscription
  let provenAt = Number.NEGATIVE_INFINITY
  let isHeard = false
  let sent = 0
  let beat: Beat | null = null
  let waited = 0

  function subscribe(): void {
    subscription = scripts.subscribe([keys.changes(), heartbeats], {
      onMessage,
      onLost: lose,
      onHeard() {
        isHeard = true
        listener.onGap()
        send()
      },
    })
  }

  function lose(): void {
    isHeard = false
    beat = null
    provenAt = Number.NEGATIVE_INFINITY
    listener.onGap()
  }

  function onMessage(message: Uint8Array): void {
    const notice = readNotice(message)
    if (notice?.kind === 'heartbeat') {
      if (beat?.number !== notice.number) return
      beat.arrived += 1
      settle(beat)
    } else if (notice !== null) {
      listener.onChange(notice)
    }
  }

  function settle(current: Beat): void {
    if (beat !== current || current.arrived < current.expected) return
    provenAt = current.sentAt
    beat = null
  }

  function send(): void {
    sent += 1
    const next: Beat = {
      number: sent,
      sentAt: clock.now(),
      expected: Number.POSITIVE_INFINITY,
      arrived: 0,
    }
    beat = next
    waited = 0
    scripts.commandEach(['PUBLISH', heartbeats, notices.heartbeat(sent)]).then(
      replies => {
        next.expected = replies.length
        settle(next)
      },
      () => {
        if (beat === next) beat = null
      },
    )
  }

  function tick(): void {
    if (isHeard && beat === null) {
      send()
      return
    }
    waited += 1
    if (waited < (isHeard ? patience.heard : patience.connecting)) return
    // The connection is silent, or leads to a server that a fail-over left behind.
    waited = 0
    subscription.close()
    lose()
    subscribe()
  }

  subscribe()
  const timer = setInterval(tick, heartbeatMs).unref()
  return {
    get provenAt() {
      return provenAt
    },
    close() {
      clearInterval(timer)
      subscription.close()
      provenAt = Number.NEGATIVE_INFINITY
    },
  }
}
