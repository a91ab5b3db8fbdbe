import { setTimeout as delay } from 'node:timers/promises'
import { keySlot } from '../../../packages/cloakroom/src/stores/redis/driver-slot.ts'
import { type Canary, type Loss, startCanary } from './canary.ts'
import { type Engine, engines } from './engines.ts'
import type { Fault } from './faults.ts'
import { startFleet } from './fleet.ts'
import type { Suspicion } from './ledger.ts'
import { type Events, type Load, startLoad } from './load.ts'

/** What came of a fault. */
export interface Trial {
  readonly fault: Fault
  readonly events: Events
  readonly loss: Loss
  /** Suspicions that are explained by what Redis lost, and those that are not. */
  readonly excused: readonly Suspicion[]
  readonly unexplained: readonly Suspicion[]
  /** Requests a second, on average. */
  readonly rate: number
  /** From the first request that failed to the last, in seconds. */
  readonly outage: number
  /** From when Redis could be used again to the last request that failed, in seconds. */
  readonly recovery: number
  readonly heapGrowth: number
}

const quietMs = 1500
const patienceMs = 15_000

/** Has a site under load suffer from a fault, and looks at what became of every session. */
export async function runTrial(fault: Fault, rate: number): Promise<Trial> {
  const engine = await engines[fault.engine]()
  const fleet = await startFleet(engine.address, fault.clocksOffMs)
  const canary = startCanary(engine.directAddress, tagOf(engine))
  const load = startLoad(fleet, rate)
  try {
    await load.settle()
    const startedAt = performance.now()
    const requestsBefore = load.events.requests
    const heapsBefore = await fleet.measureHeaps()
    const struckAt = performance.now()
    const untilWritable = () => untilFirstAfter(canary, struckAt)
    await fault.strike({ fleet, engine, untilWritable })
    const overAt = performance.now()
    await untilQuiet(load, overAt)
    const seconds = (performance.now() - startedAt) / 1000
    await load.stop()
    const rateReached = (load.events.requests - requestsBefore) / seconds
    const failedAt = load.events.failures.map(({ at }) => at)
    await load.checkAll()
    const loss = await canary.findLoss(struckAt)
    const heapsAfter = await fleet.measureHeaps()
    const isExcused = (suspicion: Suspicion): boolean =>
      fault.losesWrites === true && isLost(suspicion, loss) && isStruck(suspicion, fault)
    const { suspicions } = load.events
    return {
      fault,
      events: load.events,
      loss,
      excused: suspicions.filter(isExcused),
      unexplained: suspicions.filter(suspicion => !isExcused(suspicion)),
      rate: rateReached,
      outage: secondsBetween(failedAt.at(0), failedAt.at(-1)),
      recovery: secondsBetween(overAt, failedAt.at(-1)),
      heapGrowth: Math.max(...heapsAfter) - Math.max(...heapsBefore),
    }
  } finally {
    await load.stop()
    canary.close()
    await fleet.stop()
    await engine.stop()
  }
}

function isLost({ since }: Suspicion, { spans }: Loss): boolean {
  return spans.some(({ from, to }) => since >= from && since <= to)
}

/** In a Cluster, only what lay on the master that was struck can be lost. */
function isStruck({ token }: Suspicion, { engine }: Fault): boolean {
  if (engine !== 'cluster') return true
  const [, value = ''] = token.split('=')
  return keySlot(`{${value.slice(0, 3)}}`) < 16_384 / 3
}

/** A tag whose slot is on the server that is struck. */
function tagOf({ directAddress }: Engine): string {
  if (directAddress.kind !== 'cluster') return ''
  const tags = Array.from({ length: 1000 }, (_, index) => String(index))
  return tags.find(tag => keySlot(`{${tag}}`) > 4000 && keySlot(`{${tag}}`) < 5000) ?? ''
}

async function untilFirstAfter(canary: Canary, instant: number): Promise<void> {
  while (canary.firstAfter(instant) === Number.POSITIVE_INFINITY) await delay(5)
}

/** Resolves when no request has failed for a while. */
async function untilQuiet({ events }: Load, since: number): Promise<void> {
  while (performance.now() - since < patienceMs) {
    const lastFailure = Math.max(events.failures.at(-1)?.at ?? 0, since)
    if (performance.now() - lastFailure > quietMs) return
    await delay(20)
  }
}

function secondsBetween(from: number | undefined, to: number | undefined): number {
  return from === undefined || to === undefined ? 0 : Math.max(0, to - from) / 1000
}
