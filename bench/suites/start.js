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
  const rounds = Array.from({ length: 2 * timing.rounds + 1 }, () => ({
    bare: timeLoading(node, []),
    times: chosen.map(({ packages }) => timeLoading(node, packages)),
  }))
  return chosen.map(({ name, packages }, index) => ({
    name,
    loadMs: median(rounds.map(({ bare, times }) => times[index] - bare)),
    ...installedBytes(packages),
  }))
}

function timeLoading(node, packages) {
  const source = packages.map(name => `await import(${JSON.stringify(name)})`).join('\n')
  const command = [node, '--input-type=module', '--eval', source]
  const startedAt = performance.now()
  const { status, stderr } = spawnSync(...pinned(cores.measured, command), { cwd: folder })
  if (status !== 0) throw new Error(`${packages} cannot be loaded.\n${stderr}`)
  return performance.now() - startedAt
}

export function describeStart(results) {
  const heads = ['library', 'loaded in ms', 'packages', 'installed KiB']
  const rows = results.map(({ name, loadMs, count, bytes }) => [
    name,
    loadMs.toFixed(0),
    String(count),
    (bytes / 1024).toFixed(0),
  ])
  return markdownTable(heads, rows)
}
