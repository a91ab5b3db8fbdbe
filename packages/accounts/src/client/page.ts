/** What a client is told by the page that it runs in. */
export interface PageWatch {
  /** Tells other tabs that the session is another one now. */
  tellOthers(): void
  /** Has it looked when the session should have ended; null for a session that does not end. */
  expectEnd(seconds: number | null): void
  stop(): void
}

/** The parts of a browser that are used; all of them may be missing. */
interface Surroundings extends Listened {
  readonly document?: Listened & { readonly visibilityState: string }
  readonly BroadcastChannel?: new (name: string) => Channel
}

interface Listened {
  addEventListener?(type: string, listener: () => void): void
  removeEventListener?(type: string, listener: () => void): void
}

interface Channel {
  onmessage: (() => void) | null
  postMessage(message: unknown): void
  close(): void
}

const channelName = 'cloakroom-session'

/** Timers of browsers count no further. */
const longestWaitMs = 2 ** 31 - 1

/**
 * Calls back whenever there may be something new: `look` when the page is looked at, or the session
 * should have ended, and `hear` when another tab says so.
 */
export function watchPage({ look, hear }: { look(): void; hear(): void }): PageWatch {
  const window = globalThis as unknown as Surroundings
  const { document, BroadcastChannel } = window
  const channel = BroadcastChannel === undefined ? null : new BroadcastChannel(channelName)
  let timer: ReturnType<typeof setTimeout> | undefined

  const lookIfSeen = (): void => {
    if (document?.visibilityState !== 'hidden') look()
  }
  if (channel !== null) channel.onmessage = hear
  document?.addEventListener?.('visibilitychange', lookIfSeen)
  window.addEventListener?.('focus', lookIfSeen)

  return {
    tellOthers: () => channel?.postMessage('changed'),
    expectEnd(seconds) {
      clearTimeout(timer)
      if (seconds === null) return
      timer = setTimeout(look, Math.min(longestWaitMs, (seconds + 1) * 1000))
    },
    stop() {
      clearTimeout(timer)
      channel?.close()
      document?.removeEventListener?.('visibilitychange', lookIfSeen)
      window.removeEventListener?.('focus', lookIfSeen)
    },
  }
}
