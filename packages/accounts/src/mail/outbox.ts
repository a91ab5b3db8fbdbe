import type { EventSink } from '../account/ports.ts'
import type { Mailer, MailMessage } from './mailer.ts'

/** What {@link createOutbox} needs. */
export interface OutboxOptions {
  readonly mailer: Mailer
  readonly events: EventSink
  /** Mails being written and sent at once. @default 4 */
  readonly running?: number | undefined
  /** Mails that may wait; more are dropped, and an event says so. @default 1000 */
  readonly waiting?: number | undefined
}

/** Writes the mails that are to be sent; none are fine too. */
export type Letter = () => Promise<readonly MailMessage[]>

/** Sends mail after the answer was given, so that its time tells nothing about accounts. */
export interface Outbox {
  /** Never waits and never throws. What goes wrong becomes the event `mail_failed`. */
  post(letter: Letter): void
  /** Resolves when nothing waits any more: for an orderly end, and for tests. */
  flush(): Promise<void>
}

/** Makes an {@link Outbox}. Mails that wait are lost when the process ends without a flush. */
export function createOutbox(options: OutboxOptions): Outbox {
  const { mailer, events, running = 4, waiting = 1000 } = options
  const letters: Letter[] = []
  let workers: readonly Promise<void>[] = []

  const fail = (reason: string): void => events.emit({ type: 'mail_failed', reason })

  async function deliver(letter: Letter): Promise<void> {
    try {
      const messages = await letter()
      for (const message of messages) await mailer.send(message)
    } catch (error) {
      fail(error instanceof Error && 'code' in error ? String(error.code) : 'unknown')
    }
  }

  async function work(): Promise<void> {
    // Not before the caller has gone on: what the letter reads must not slow down the answer.
    await new Promise(resolve => setImmediate(resolve))
    for (let next = letters.shift(); next !== undefined; next = letters.shift()) await deliver(next)
  }

  function hire(): void {
    const worker: Promise<void> = work().finally(() => {
      workers = workers.filter(other => other !== worker)
    })
    workers = [...workers, worker]
  }

  return {
    post(letter) {
      if (letters.length >= waiting) return fail('full')
      letters.push(letter)
      if (workers.length < running) hire()
    },
    async flush() {
      while (workers.length > 0) await Promise.all(workers)
    },
  }
}
