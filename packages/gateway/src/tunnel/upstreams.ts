import { createHash } from 'node:crypto'

/** Replicas of one app. */
export interface Upstreams {
  /** The replica for whatever goes by this key: always the same one, as long as it is well. */
  pick(key: string): URL
  /** There was no connection to be had to a replica: others are used until it is seen to be well again. */
  noteFailure(upstream: URL): void
  /** Told whenever a replica becomes well or unwell. */
  onChange(listener: () => void): void
  isWell(): boolean
  close(): void
}

/** How {@link Upstreams} are looked after. */
export interface UpstreamsOptions {
  readonly urls: readonly URL[]
  /** What a replica is asked for; false when only failures tell. */
  readonly health: string | false
  /** @default 5000 */
  readonly intervalMs?: number
}

const answerMs = 2000

interface Replica {
  readonly url: URL
  isWell: boolean
}

/**
 * Makes {@link Upstreams}. Each key goes to the replica with the highest hash of both (rendezvous
 * hashing): all workers agree without talking, and when one replica fails only its keys move.
 */
export function createUpstreams({ urls, health, intervalMs = 5000 }: UpstreamsOptions): Upstreams {
  const replicas = urls.map((url): Replica => ({ url, isWell: true }))
  const listeners: (() => void)[] = []

  function note(replica: Replica, isWell: boolean): void {
    if (replica.isWell === isWell) return
    replica.isWell = isWell
    for (const listener of listeners) listener()
  }

  async function look(replica: Replica): Promise<void> {
    if (health !== false) note(replica, await isAnswered(new URL(health, replica.url)))
    else note(replica, true)
  }

  // With nothing to choose from, there is nothing to find out.
  const timer =
    replicas.length > 1
      ? setInterval(() => void Promise.all(replicas.map(look)), intervalMs).unref()
      : undefined

  return {
    pick(key) {
      const well = replicas.filter(replica => replica.isWell)
      const choice = well.length > 0 ? well : replicas
      const [first, ...others] = choice
      if (first === undefined) throw new Error('An app has no address.')
      if (others.length === 0) return first.url
      return (
        choice.map(({ url }) => ({ url, score: scoreOf(key, url) })).sort(byScore)[0]?.url ??
        first.url
      )
    },
    noteFailure(upstream) {
      const failed = replicas.find(({ url }) => url === upstream)
      if (failed !== undefined && replicas.length > 1) note(failed, false)
    },
    onChange: listener => listeners.push(listener),
    isWell: () => replicas.some(replica => replica.isWell),
    close: () => clearInterval(timer),
  }
}

function scoreOf(key: string, { origin }: URL): number {
  return createHash('sha256').update(`${key}\0${origin}`).digest().readUIntBE(0, 6)
}

function byScore(left: { readonly score: number }, right: { readonly score: number }): number {
  return right.score - left.score
}

async function isAnswered(url: URL): Promise<boolean> {
  try {
    const answer = await fetch(url, { redirect: 'manual', signal: AbortSignal.timeout(answerMs) })
    await answer.body?.cancel()
    return answer.status < 500
  } catch {
    return false
  }
}
