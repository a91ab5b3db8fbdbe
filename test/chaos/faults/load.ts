import { setTimeout as delay } from 'node:timers/promises'
import { type Answer, send } from './browser.ts'
import type { Fleet } from './fleet.ts'
import { type Ledger, openLedger, type Suspicion } from './ledger.ts'

/** What happened to all requests. Instants are by `performance.now`. */
export interface Events {
  requests: number
  /** Writes that were acknowledged. */
  writes: number
  unavailable: number
  /** By a process that was gone. */
  refused: number
  readonly late: string[]
  readonly wrong: string[]
  readonly suspicions: Suspicion[]
  readonly failures: Failure[]
  longestMs: number
  /** How old the oldest answer was. */
  stalestMs: number
}

/** A request that failed, for whatever reason. */
export interface Failure {
  readonly at: number
  readonly port: number
  readonly detail: string
}

/** Browsers that use the site. */
export interface Load {
  readonly events: Events
  /** Asks for less until the machine answers at its ease. Gives the requests a second. */
  settle(): Promise<number>
  /** Sends no more, and waits for what is under way. */
  stop(): Promise<void>
  /** Asks Redis itself for every session that is, and that was. */
  checkAll(): Promise<void>
}

/** Somebody who does one thing after the other, each at another process. */
interface Visitor {
  readonly name: string
  ledger: Ledger | null
  /** What has ended, the latest last. */
  readonly former: Ledger[]
}

type Deed =
  | 'read'
  | 'sensitive'
  | 'former'
  | 'mark'
  | 'add'
  | 'rotate'
  | 'logout'
  | 'end'
  | 'endAll'

/** Of a thousand requests: one in five writes. */
const shares: readonly (readonly [Deed, number])[] = [
  ['read', 650],
  ['sensitive', 100],
  ['former', 50],
  ['mark', 80],
  ['add', 80],
  ['rotate', 10],
  ['logout', 10],
  ['end', 5],
  // Each of the last four leads to a sign-in, which is a write as well.
  ['endAll', 5],
]

const visitorCount = 300
const tickMs = 5
const settleMs = 500
const easyMs = 250
const leastRate = 100

/** Sends this many requests a second, as long as there is a visitor who waits for no answer. */
export function startLoad(fleet: Fleet, wantedRate: number): Load {
  const events: Events = {
    requests: 0,
    writes: 0,
    unavailable: 0,
    refused: 0,
    late: [],
    wrong: [],
    suspicions: [],
    failures: [],
    longestMs: 0,
    stalestMs: 0,
  }
  const visitors = Array.from({ length: visitorCount }, (_, index): Visitor => {
    return { name: `visitor-${index}`, ledger: null, former: [] }
  })
  const idle = [...visitors]
  const underWay = new Set<Promise<void>>()
  let rate = wantedRate
  let due = 0

  async function ask(path: string, cookie: string | null): Promise<Answer> {
    const port = oneOf(fleet.ports())
    const answer = await send(port, path, cookie)
    events.requests += 1
    events.longestMs = Math.max(events.longestMs, answer.tookMs)
    if (answer.cookie === '' && (answer.page?.user ?? null) !== null) {
      events.wrong.push(`${path} took the cookie of ${answer.page?.user} away`)
    }
    if (answer.outcome === 'done') return answer
    events.failures.push({ at: performance.now(), port, detail: `${path} ${answer.detail}` })
    if (answer.outcome === 'unavailable' || answer.outcome === 'refused') {
      events[answer.outcome] += 1
    } else {
      events[answer.outcome].push(answer.detail)
    }
    if (answer.cookie === '') events.wrong.push(`${path} failed and took the cookie away`)
    return answer
  }

  async function signIn(visitor: Visitor): Promise<void> {
    const { page, cookie } = await ask(`/login?with=${visitor.name}`, null)
    if (page === null || !cookie) return
    events.writes += 1
    const opening = { user: visitor.name, id: page.id ?? '', cookie }
    visitor.ledger = openLedger(opening, suspicion => events.suspicions.push(suspicion))
  }

  /** Looks at a page, and at the cookie that came with it. */
  function check(ledger: Ledger, { page, cookie }: Answer, sentAt: number, isExact: boolean): void {
    if (page === null) return
    if (cookie) ledger.acknowledgeCookie(cookie)
    events.stalestMs = Math.max(events.stalestMs, ledger.check(page, sentAt, isExact))
  }

  async function look(ledger: Ledger, isExact: boolean): Promise<void> {
    const sentAt = performance.now()
    const answer = await ask(isExact ? '/sensitive' : '/read', ledger.cookie)
    check(ledger, answer, sentAt, isExact)
  }

  async function write(ledger: Ledger, deed: 'mark' | 'add' | 'rotate'): Promise<void> {
    const mark = ledger.nextMark()
    const answer = await ask(`/${deed}?with=${mark}`, ledger.cookie)
    if (answer.page === null) {
      if (deed !== 'rotate') ledger.doubt(deed, mark)
      return
    }
    events.writes += 1
    if (deed !== 'rotate' && answer.page.user !== null) ledger.acknowledge(deed, mark)
    check(ledger, answer, performance.now(), false)
  }

  async function end(visitor: Visitor, ledger: Ledger, deed: Deed): Promise<void> {
    ledger.endedAt = performance.now()
    const paths: Partial<Record<Deed, string>> = {
      logout: '/logout',
      end: `/end?with=${ledger.id}`,
      endAll: `/endAll?with=${visitor.name}`,
    }
    const answer = await ask(paths[deed] ?? '', deed === 'logout' ? ledger.cookie : null)
    if (answer.page === null) return
    events.writes += 1
    ledger.endedAt = performance.now()
    ledger.isEndSure = true
  }

  async function act(visitor: Visitor): Promise<void> {
    const { ledger, former } = visitor
    if (ledger === null) return signIn(visitor)
    const deed = choose()
    if (deed === 'former') {
      const earlier = former.at(-1)
      if (earlier !== undefined) return look(earlier, false)
    }
    if (deed === 'mark' || deed === 'add' || deed === 'rotate') await write(ledger, deed)
    else if (deed === 'logout' || deed === 'end' || deed === 'endAll')
      await end(visitor, ledger, deed)
    else await look(ledger, deed === 'sensitive')
    if (ledger.endedAt === null) return
    former.push(ledger)
    visitor.ledger = null
  }

  function tick(): void {
    due = Math.min(due + (rate * tickMs) / 1000, idle.length)
    for (; due >= 1; due -= 1) {
      const [visitor] = idle.splice(Math.floor(Math.random() * idle.length), 1)
      if (visitor === undefined) return
      const doing = act(visitor).finally(() => {
        idle.push(visitor)
        underWay.delete(doing)
      })
      underWay.add(doing)
    }
  }

  /** How long the slowest of the requests takes that are sent in this time. */
  async function slowestFor(ms: number): Promise<number> {
    events.longestMs = 0
    await delay(ms)
    return events.longestMs
  }

  const timer = setInterval(tick, tickMs)
  return {
    events,
    async settle() {
      // The first requests compile the site.
      await delay(settleMs)
      for (let easy = 0, time = 0; easy < 2 && time < 12; time += 1) {
        const isEasy = (await slowestFor(settleMs)) < easyMs
        easy = isEasy ? easy + 1 : 0
        if (!isEasy) rate = Math.max(leastRate, rate * 0.6)
      }
      // What a machine does that is asked for too much says nothing about the site.
      events.late.length = 0
      events.failures.length = 0
      return rate
    },
    async stop() {
      clearInterval(timer)
      while (underWay.size > 0) await delay(tickMs)
    },
    async checkAll() {
      for (const { ledger, former } of visitors) {
        const known = ledger === null ? former.slice(-3) : [...former.slice(-3), ledger]
        await Promise.all(known.map(each => look(each, true)))
      }
    },
  }
}

function choose(): Deed {
  let at = Math.random() * shares.reduce((sum, [, share]) => sum + share, 0)
  for (const [deed, share] of shares) {
    at -= share
    if (at < 0) return deed
  }
  return 'read'
}

function oneOf(ports: readonly number[]): number {
  return ports[Math.floor(Math.random() * ports.length)] ?? 0
}
