// What was set as the goal before anything was built, beside what is measured now.
import { formatRate, markdownTable } from '../harness/table.js'

const alone = 'nothing (the others alone)'

/** Where others took this much of a core, processor time says more than rates. */
const disturbing = 0.2

const least = { isReached: (value, target) => value >= target, sign: '≥' }
const most = { isReached: (value, target) => value <= target, sign: '≤' }

const ratio = { ...least, format: value => value.toFixed(2) }
const rate = { ...least, format: value => `${formatRate(value)}/s` }
const bytes = { ...most, format: value => `${value.toFixed(0)} B` }
const ms = {
  ...most,
  format: value => (value < 100 ? `${value.toFixed(1)} ms` : `${value.toFixed(0)} ms`),
}

/** `peer` and `limit` name what the same figure is read from for others, where there are any. */
const targets = [
  overHttp('Express, strict', 'Express + cloakroom', {
    peer: 'Express + express-session + connect-redis',
    target: 0.8,
  }),
  overHttp('Express, near cache', 'Express + cloakroom, near cache', {
    peer: 'Express + express-session + connect-redis',
    limit: 'node + Map',
    target: 0.92,
  }),
  overHttp('Fastify, strict', 'Fastify + cloakroom', {
    peer: 'Fastify + @fastify/session + connect-redis',
    limit: 'node + GET',
    target: 0.55,
  }),
  overHttp('Fastify, near cache', 'Fastify + cloakroom, near cache', {
    peer: 'Fastify + @fastify/session + connect-redis',
    limit: 'node + Map',
    target: 0.9,
  }),
  overHttp('node:http, strict', 'node + cloakroom', {
    peer: 'node + better-auth getSession',
    limit: 'node + EVALSHA',
    target: 0.48,
  }),
  direct('validate, of a GET', 'cloakroom validate, redis', {
    peer: 'connect-redis get, redis',
    target: 0.75,
  }),
  {
    work: 'validate, near cache',
    ...rate,
    target: 2e6,
    read: ({ direct }) => rateOf(direct, 'cloakroom validate, near cache'),
    peer: ({ direct }) => rateOf(direct, 'node-redis client-side cache'),
    limit: ({ direct }) => rateOf(direct, 'Map'),
  },
  direct('create, of connect-redis set', 'cloakroom create, redis', {
    limit: 'SET, redis',
    target: 1,
  }),
  ...['redis', 'ioredis'].map(client =>
    direct(`rate limit, of rate-limiter-flexible (${client})`, `cloakroom limit, ${client}`, {
      limit: `EVALSHA, ${client}`,
      target: 1.1,
    }),
  ),
  {
    work: 'bytes of a session of 500',
    ...bytes,
    target: 520,
    read: ({ memory }) => bytesOf(memory, 'cloakroom, Fernet'),
    peer: ({ memory }) => bytesOf(memory, 'connect-redis, in clear, no index'),
  },
  atScale('list one page', 'list one page of 50', { peer: 'all()' }),
  atScale('revoke a user', 'revoke a user'),
  atScale('revoke an address', 'revoke an address'),
  atScale('revoke all', 'revoke all', { peer: 'clear()' }),
  {
    work: 'longest wait of others meanwhile',
    ...ms,
    target: 5,
    read: ({ scale }) => longestWait(scale?.cloakroom),
    limit: ({ scale }) => find(scale?.cloakroom.work, alone)?.others.longest,
    peer: ({ scale }) => longestWait(scale?.peer),
  },
]

/** @returns {string} a table of those targets whose suites were run; empty when there are none. */
export function describeTargets(measured) {
  const rows = targets.flatMap(target => {
    const value = target.read(measured)
    if (value === undefined) return []
    const judged = target.isDisturbed?.(measured) ? target.readCpu(measured) : value
    const show = read => {
      const other = read?.(measured)
      return other === undefined ? '–' : target.format(other)
    }
    const byCpu = target.readCpu?.(measured)
    return [
      [
        target.work,
        show(target.peer),
        show(target.limit),
        `${target.sign} ${target.format(target.target)}`,
        target.format(value),
        byCpu === undefined ? '–' : target.format(byCpu),
        target.isReached(judged, target.target) ? 'yes' : 'no',
      ],
    ]
  })
  if (rows.length === 0) return ''
  const heads = ['work', 'peer', 'limit', 'target', 'measured', 'by CPU', 'reached']
  return markdownTable(heads, rows)
}

function overHttp(work, name, { peer, limit, target }) {
  return {
    work,
    ...ratio,
    target,
    read: ({ http }) => find(http, name)?.rateRatio,
    readCpu: ({ http }) => find(http, name)?.cpuRatio,
    isDisturbed: ({ http }) => find(http, name)?.foreign > disturbing,
    peer: ({ http }) => find(http, peer)?.rateRatio,
    limit: ({ http }) => find(http, limit)?.rateRatio,
  }
}

function direct(work, name, { peer, limit, target }) {
  return {
    work,
    ...ratio,
    target,
    read: measured => find(measured.direct, name)?.rateRatio,
    readCpu: measured => find(measured.direct, name)?.cpuRatio,
    isDisturbed: measured => find(measured.direct, name)?.foreign > disturbing,
    peer: measured => find(measured.direct, peer)?.rateRatio,
    limit: measured => find(measured.direct, limit)?.rateRatio,
  }
}

function atScale(work, name, { peer } = {}) {
  return {
    work,
    ...ms,
    target: 20,
    read: ({ scale }) => find(scale?.cloakroom.work, name)?.ms,
    peer: ({ scale }) => find(scale?.peer.work, peer)?.ms,
  }
}

function find(results, name) {
  return results?.find(result => result.name === name)
}

function rateOf(results, name) {
  return find(results, name)?.rate
}

function bytesOf(memory, name) {
  return memory?.bytes.find(result => result.name === name && result.size === 500)?.bytes
}

/** A walk through all is nobody's duty, and what is waited while nothing is done is nobody's fault. */
function longestWait(side) {
  const watched = side?.work.filter(({ name }) => name !== alone && !name.startsWith('walk'))
  return watched && Math.max(...watched.map(({ others }) => others.longest))
}
