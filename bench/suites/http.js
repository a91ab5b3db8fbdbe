// Requests a second over HTTP: every server, its floor and its peers.
import { startHttpContender } from '../harness/http-contender.js'
import { formatRate, formatRatio, markdownTable } from '../harness/table.js'
import { servers } from '../servers/list.js'
import { compare } from './compare.js'

export function runHttp(bench) {
  return compare(servers, {
    match: bench.match,
    timing: { ...bench.timing, load: { connections: 50 } },
    start: server => startHttpContender(server, bench),
  })
}

export function describeHttp(results) {
  const heads = [
    'server',
    'req/s',
    'p50 ms',
    'CPU µs',
    'Redis µs',
    'of its floor',
    'by CPU',
    'foreign cores',
  ]
  const rows = results.map(result => [
    result.name,
    formatRate(result.rate),
    result.p50.toFixed(2),
    result.cpuUs.toFixed(1),
    result.redisUs.toFixed(1),
    formatRatio(result.rateRatio),
    formatRatio(result.cpuRatio),
    result.foreign.toFixed(2),
  ])
  return markdownTable(heads, rows)
}
