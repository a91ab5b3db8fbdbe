import type { Page, Tally } from './site.ts'

/** How long a process may go on with what it knew, as the guide to operating Redis says. */
const staleMs = 2000

/** What should not be, unless Redis itself lost what was told here at `since`. */
export interface Suspicion {
  readonly kind: 'lost' | 'revived' | 'signed out'
  /** When what is missing was acknowledged. */
  readonly since: number
  readonly seenAt: number
  readonly token: string
  readonly detail: string
}

interface Entry extends Tally {
  readonly at: number
  /** Since when its mark is there. */
  readonly markedAt: number
}

/** What one session must hold, from what was acknowledged; instants are by `performance.now`. */
export interface Ledger {
  readonly user: string
  /** The cookie that the browser has now. */
  cookie: string
  readonly id: string
  /** When it was ended, or may have been. */
  endedAt: number | null
  isEndSure: boolean
  /** What is to be written next. */
  nextMark(): number
  acknowledge(change: 'mark' | 'add', mark: number): void
  /** A new token was acknowledged. */
  acknowledgeCookie(cookie: string): void
  /** A write has failed, and may have been done nevertheless. */
  doubt(change: 'mark' | 'add', mark: number): void
  /**
   * Compares what a request saw that was sent at `sentAt`. An exact one has asked Redis itself.
   * Gives how old the answer was at least, in milliseconds.
   */
  check(page: Page, sentAt: number, isExact: boolean): number
}

/** Opens the ledger of a session that was just acknowledged. */
export function openLedger(
  { user, id, cookie }: { user: string; id: string; cookie: string },
  suspect: (suspicion: Suspicion) => void,
): Ledger {
  let entries = [entryOf({ count: 0, mark: 0 })]
  let doubtful: { readonly at: number; readonly mark: number }[] = []
  let doubtfulAdds = 0
  let cookieAt = performance.now()
  let marks = 0

  const last = (): Entry => entries.at(-1) as Entry
  const floorAt = (instant: number): Entry =>
    entries.findLast(entry => entry.at <= instant) ?? (entries[0] as Entry)

  function report(kind: Suspicion['kind'], since: number, detail: string): void {
    const token = ledger.cookie
    suspect({ kind, since, seenAt: performance.now(), token, detail: `${user}: ${detail}` })
  }

  function isPossible({ count, mark }: Tally, floor: Entry): boolean {
    const later = entries.filter(entry => entry.at >= floor.at)
    const isMark = [...later, ...doubtful.filter(({ at }) => at >= floor.markedAt)].some(
      entry => entry.mark === mark,
    )
    return isMark && count >= floor.count && count <= last().count + doubtfulAdds
  }

  function checkContent(page: Page, sentAt: number, isExact: boolean): number {
    const floor = floorAt(isExact ? sentAt : sentAt - staleMs)
    if (isPossible(page, floor)) {
      const missed = entries.find(({ at, count }) => at <= sentAt && count > page.count)
      return missed === undefined ? 0 : sentAt - missed.at
    }
    const known = entries.findLast(
      ({ count, mark }) => count <= page.count && (mark === page.mark || count < page.count),
    )
    const since = entries.find(({ at }) => at > (known?.at ?? 0))?.at ?? floor.at
    const { count, mark } = page
    report('lost', since, `${count}/${mark} in place of ${last().count}/${last().mark}`)
    // What is there now counts from here on, so that one loss is reported once.
    entries = [entryOf({ count, mark })]
    doubtful = []
    return 0
  }

  const ledger: Ledger = {
    user,
    id,
    cookie,
    endedAt: null,
    isEndSure: false,
    nextMark() {
      marks += 1
      return marks
    },
    acknowledge(change, mark) {
      const { count, mark: before, markedAt } = last()
      const added = { ...entryOf({ count: count + 1, mark: before }), markedAt }
      entries.push(change === 'add' ? added : entryOf({ count, mark }))
    },
    acknowledgeCookie(next) {
      ledger.cookie = next
      cookieAt = performance.now()
    },
    doubt(change, mark) {
      if (change === 'add') doubtfulAdds += 1
      else doubtful.push({ at: performance.now(), mark })
    },
    check(page, sentAt, isExact) {
      const { endedAt } = ledger
      if (page.user === null) {
        if (endedAt === null) {
          report('signed out', cookieAt, String(page.reason))
          ledger.endedAt = performance.now()
        }
        return 0
      }
      const over = endedAt === null || !ledger.isEndSure ? 0 : sentAt - endedAt
      if (over > (isExact ? 0 : staleMs))
        report('revived', endedAt ?? 0, `${over.toFixed(0)} ms after`)
      else if (page.user !== user) report('lost', cookieAt, `is ${page.user}`)
      else if (over > 0) return over
      else if (endedAt === null) return checkContent(page, sentAt, isExact)
      return 0
    },
  }
  return ledger
}

function entryOf({ count, mark }: Tally): Entry {
  return { at: performance.now(), count, mark, markedAt: performance.now() }
}
