import type { Suspicion } from './ledger.ts'
import type { Trial } from './trial.ts'

const columns: readonly [string, (trial: Trial) => string | number][] = [
  ['what happens', ({ fault }) => fault.name],
  ['requests/s', ({ rate }) => rate.toFixed(0)],
  ['requests', ({ events }) => events.requests],
  ['of them 503', ({ events }) => events.unavailable],
  ['refused', ({ events }) => events.refused],
  ['late', ({ events }) => events.late.length],
  ['slowest', ({ events }) => `${(events.longestMs / 1000).toFixed(1)} s`],
  ['writes', ({ events }) => events.writes],
  ['lost by Redis', ({ excused }) => count(excused, 'lost') + count(excused, 'signed out')],
  ['lost', ({ unexplained }) => count(unexplained, 'lost')],
  ['revived by Redis', ({ excused }) => count(excused, 'revived')],
  ['revived', ({ unexplained }) => count(unexplained, 'revived')],
  ['signed out', ({ unexplained }) => count(unexplained, 'signed out')],
  ['oldest answer', ({ events }) => `${events.stalestMs.toFixed(0)} ms`],
  ['outage', ({ outage }) => `${outage.toFixed(1)} s`],
  ['recovery', ({ recovery }) => `${recovery.toFixed(1)} s`],
  ['heap', ({ heapGrowth }) => `${(heapGrowth / 1e6).toFixed(1)} MB`],
]

/** A table in Markdown. */
export function describeTrials(trials: readonly Trial[], rate: number): string {
  const rows = trials.map(trial => columns.map(([, read]) => String(read(trial))))
  const lines = [columns.map(([title]) => title), columns.map(() => '---'), ...rows]
  const table = lines.map(cells => `| ${cells.join(' | ')} |`).join('\n')
  return `\n${rate} requests a second asked for, one in five a write\n\n${table}\n`
}

function count(suspicions: readonly Suspicion[], kind: Suspicion['kind']): number {
  return suspicions.filter(suspicion => suspicion.kind === kind).length
}
