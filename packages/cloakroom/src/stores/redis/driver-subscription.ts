import { setTimeout as delay } from 'node:timers/promises'
import type { Subscription, SubscriptionListener } from './client.ts'
import type { Ear } from './driver-connection.ts'

const minRetryMs = 25
const maxRetryMs = 2000

/** A {@link Subscription} that can be told to give its connection up. */
export interface Listening extends Subscription {
  /** Closes the connection; another is made when one can be. */
  drop(): void
}

/** Listens until closed, each time a connection is lost on a new one. Reports to `listener`. */
export function keepListening(
  listen: () => Promise<Ear>,
  listener: SubscriptionListener,
): Listening {
  let isClosed = false
  let ear: Ear | undefined

  async function run(): Promise<void> {
    for (let retryMs = minRetryMs; !isClosed; retryMs = Math.min(retryMs * 2, maxRetryMs)) {
      ear = await listen().catch(() => undefined)
      if (ear !== undefined && !isClosed) {
        listener.onHeard()
        await ear.lost
        retryMs = minRetryMs
        if (!isClosed) listener.onLost()
      }
      if (!isClosed) await delay(retryMs, undefined, { ref: false })
    }
    ear?.close()
  }

  void run()
  return {
    drop: () => ear?.close(),
    close() {
      isClosed = true
      ear?.close()
    },
  }
}
