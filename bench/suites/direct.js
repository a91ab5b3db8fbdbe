// Calls a second without HTTP, 50 under way.
import { groups } from '../direct/list.js'
import { startDirectContender } from '../harness/direct-contender.js'
import { formatRate, formatRatio, markdownTable } from '../harness/table.js'
import { compare } from './compare.js'

export async function runDirect(bench) {
  const results = []
  for (const group of groups) {
    const compared = await compare(group, {
      match: bench.match,
      timing: { ...bench.timing, load: { inFlight: 50 } },
      start: program => startDirectContender(program, bench),
    })
    results.push(...compared)
  }
  return results
}

export function describeDirect(results) {
  const heads = [
    'calls',
    'per second',
    'CPU µs',
    'Redis µs',
    'compared with',
    'ratio',
    'by CPU',
    'foreign cores',
  ]
  const rows = results.map(result => [
    result.name,
    formatRate(result.rate),
    result.cpuUs.toFixed(2),
    result.redisUs.toFixed(2),
    result.floor ?? '',
    formatRatio(result.rateRatio),
    formatRatio(result.cpuRatio),
    result.foreign.toFixed(2),
  ])
  return markdownTable(heads, rows)
}
