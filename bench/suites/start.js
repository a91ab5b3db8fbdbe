// What it costs to have a library: bytes installed, and milliseconds until it is loaded.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { cores, pinned } from '../harness/machine.js'
import { installedBytes } from '../harness/packages.js'
import { median } from '../harness/rounds.js'
import { markdownTable } from '../harness/table.js'

const folder = fileURLToPath(new URL('../', import.meta.url))

/** Clients of Redis and frameworks are left out: they are there anyway. */
const libraries = [
  { name: 'cloakroom', packages: ['cloakroom'] },
  { name: 'express-session + connect-redis', packages: ['express-session', 'connect-redis'] },
  {
    name: '@fastify/session + connect-redis',
    packages: ['@fastify/cookie', '@fastify/session', 'connect-redis'],
  },
  { name: 'iron-session', packages: ['iron-session'] },
  { name: 'better-auth', packages: ['better-auth'] },
  {
    name: 'express-rate-limit + rate-limit-redis',
    packages: ['express-rate-limit', 'rate-limit-redis'],
  },
  { name: 'rate-limiter-flexible', packages: ['rate-limiter-flexible'] },
]

export async function runStart({ node, timing, match }) {
  const chosen = libraries.filter(({ name }) => match(name))
  const rounds = Array.from({ length: 2 * timing.rounds + 1 }, () =>
    chosen.map(({ packages }) => timeLoading(node, packages)),
  )
  return chosen.map(({ name, packages }, index) => {
    const of = figure => median(rounds.map(times => times[index][figure]))
    return { name, loadMs: of('loadMs'), cpuMs: of('cpuMs'), ...installedBytes(packages) }
  })
}

/** In a new process each time, after Node.js itself has started. */
function timeLoading(node, packages) {
  const loading = packages.map(name => `await import(${JSON.stringify(name)})`)
  const source = [
    'const startedAt = performance.now()',
    'const before = process.cpuUsage()',
    ...loading,
    'const { user, system } = process.cpuUsage(before)',
    'const loadMs = performance.now() - startedAt',
    'console.log(JSON.stringify({ loadMs, cpuMs: (user + system) / 1000 }))',
  ]
  const command = [node, '--input-type=module', '--eval', source.join('\n')]
  const { status, stdout, stderr } = spawnSync(...pinned(cores.measured, command), {
    cwd: folder,
    encoding: 'utf8',
  })
  if (status !== 0) throw new Error(`${packages} cannot be loaded.\n${stderr}`)
  return JSON.parse(stdout)
}

export function describeStart(results) {
  const heads = ['library', 'loaded in ms', 'CPU ms', 'packages', 'installed KiB']
  const rows = results.map(({ name, loadMs, cpuMs, count, bytes }) => [
    name,
    loadMs.toFixed(0),
    cpuMs.toFixed(0),
    String(count),
    (bytes / 1024).toFixed(0),
  ])
  return markdownTable(heads, rows)
}
