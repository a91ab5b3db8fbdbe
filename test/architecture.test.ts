import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Lowest first. A package imports those before it. */
const packageOrder = ['cloakroom', 'accounts', 'gateway']

/** Lowest first. Folders on the same rung do not know each other. */
const rungs: Readonly<Record<string, readonly (readonly string[])[]>> = {
  cloakroom: [
    ['core'],
    ['crypto', 'http', 'events'],
    ['sessions', 'protection', 'audit'],
    ['web', 'tracing'],
    ['stores', 'adapters', 'metrics'],
    ['app'],
  ],
  accounts: [
    ['account', 'wire'],
    ['memory', 'sql', 'passwords', 'mail', 'client'],
    ['flows', 'react'],
    ['admin', 'web'],
    ['pages', 'api'],
    ['app'],
  ],
  gateway: [
    ['config'],
    ['routing', 'identity'],
    ['tunnel', 'forward-auth', 'data-api', 'oidc', 'watcher', 'operations'],
    ['app'],
    ['cli'],
  ],
}

/** What users bring along. At run time the engine works without any of them. */
const peers =
  /^(redis|ioredis|iovalkey|express|express-session|fastify|hono|koa|next|prom-client|@opentelemetry\/api)(\/|$)/

/** Stands in for a package that is imported as a default, and so has one. */
const standIn = 'packages/cloakroom/src/express-session.ts'

const maxLines = 300

/** A suite is read case by case, and keeps the ground that its cases share. */
const maxSuiteLines = 400

interface Source {
  /** From the root of the repository, with forward slashes. */
  readonly path: string
  readonly text: string
}

interface Import {
  readonly from: string
  readonly isTypeOnly: boolean
  readonly isExport: boolean
}

type Rule = (source: Source, imports: readonly Import[]) => readonly string[]

describe('the sources', () => {
  it('keep to the architecture', async () => {
    const sources = await readSources()
    expect(sources.length).toBeGreaterThan(20)
    expect(sources.flatMap(findProblems)).toEqual([])
  })
})

describe('findProblems', () => {
  const allowed: [string, string][] = [
    ['sessions/manager.ts', "import { sealer } from '../crypto/seal.ts'"],
    ['sessions/manager.ts', "import { policy } from './policy.ts'"],
    ['stores/redis/sessions.ts', "import type { Store } from '../../sessions/store.ts'"],
    ['stores/redis/sessions.ts', "import { bytes } from '../../core/bytes.ts'"],
    ['crypto/digest.ts', "import { createHash } from 'node:crypto'"],
    ['core/clock.ts', 'export const now = () => Date.now()'],
    ['web/cookie.ts', 'export const expires = (at: number) => new Date(at)'],
    ['adapters/express.ts', "import type { Request } from 'express'"],
    ['express.ts', "export { express } from './adapters/express.ts'"],
    ['express-session.ts', 'export { session as default }'],
    [
      'sessions/manager.test.ts',
      "import { createMemoryStore } from '../stores/memory/sessions.ts'",
    ],
    ['core/errors.ts', "/**\n * import x from '../web/x.ts'\n * console.log(Date.now())\n */"],
  ]

  it.each(allowed)('allows %s to say %j', (path, text) => {
    expect(findProblems({ path: `packages/cloakroom/src/${path}`, text })).toEqual([])
  })

  const refused: [string, string, RegExp][] = [
    ['core/errors.ts', "import { a } from '../crypto/a.ts'", /higher rung/],
    ['core/errors.ts', "import type { A } from '../crypto/a.ts'", /higher rung/],
    ['sessions/a.ts', "import { a } from '../stores/redis/keys.ts'", /higher rung/],
    ['sessions/a.ts', "const a = await import('../web/a.ts')", /higher rung/],
    ['crypto/a.ts', "import {\n  a,\n} from '../http/a.ts'", /neighbour/],
    ['stores/redis/a.ts', "import { a } from '../memory/a.ts'", /neighbour/],
    ['stores/redis/a.ts', "import { a } from '../../adapters/express.ts'", /neighbour/],
    ['misc/a.ts', '', /no rung/],
    ['web/a.ts', "import { a } from '../index.ts'", /entry point/],
    ['express.ts', "import { a } from './index.ts'", /entry point/],
    ['web/a.ts', "import { a } from 'cloakroom'", /entry point/],
    ['web/a.ts', "import { a } from '@cloakroom/accounts'", /later package/],
    ['web/a.ts', "import { a } from '../../../gateway/src/config.ts'", /leaves its package/],
    ['web/a.ts', "import { createHash } from 'node:crypto'", /node:crypto/],
    ['web/a.ts', 'const at = Date.now()', /Clock/],
    ['web/a.ts', 'const at = new Date()', /Clock/],
    ['web/a.ts', 'const at = performance.now()', /Clock/],
    ['web/a.ts', 'const at = process.hrtime()', /Clock/],
    ['adapters/express.ts', "import express from 'express'", /import type/],
    ['stores/redis/a.ts', "import { type RedisClientType } from 'redis'", /import type/],
    ['adapters/next.ts', "import 'next/server.js'", /import type/],
    ['index.ts', "export * from './core/errors.ts'", /export \*/],
    ['core/a.ts', 'export default 1', /default export/],
    ['core/a.ts', 'const a = 1\nexport { a as default }', /default export/],
    ['web/a.ts', "export { a } from './b.ts'", /barrel/],
    ['web/a.ts', "export type { A } from '../core/a.ts'", /barrel/],
    ['core/a.ts', 'x\n'.repeat(301), /301 lines/],
    ['core/a.ts', "console.log('a')", /console/],
  ]

  it.each(refused)('refuses %s to say %j', (path, text, problem) => {
    const problems = findProblems({ path: `packages/cloakroom/src/${path}`, text })
    expect(problems).toHaveLength(1)
    expect(problems[0]).toMatch(problem)
  })

  it('lets packages import those before them only', () => {
    const say = (path: string, from: string) =>
      findProblems({ path: `packages/${path}/src/a.ts`, text: `import { a } from '${from}'` })
    expect(say('accounts', 'cloakroom/express')).toEqual([])
    expect(say('gateway', '@cloakroom/accounts')).toEqual([])
    expect(say('accounts', '@cloakroom/gateway')).toHaveLength(1)
    expect(say('accounts', '@cloakroom/accounts')).toHaveLength(1)
  })
})

const rules: readonly Rule[] = [
  importsLowerPackages,
  importsLowerRungs,
  usesCryptoInItsPlace,
  takesTimeFromClock,
  importsPeersAsTypes,
  exportsByName,
  isSilent,
]

function findProblems(source: Source): string[] {
  if (isSuite(source.path)) {
    return isShort(source).map(problem => `${source.path} ${problem}`)
  }
  const code = source.text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '')
  const imports = readImports(code)
  const problems = rules.flatMap(rule => rule({ path: source.path, text: code }, imports))
  return problems.concat(isShort(source)).map(problem => `${source.path} ${problem}`)
}

function importsLowerPackages({ path }: Source, imports: readonly Import[]): string[] {
  const own = packageOf(path)
  return imports.flatMap(({ from }) => {
    if (from.startsWith('.')) {
      const isInside = resolveImport(path, from).startsWith(`packages/${own}/src/`)
      return isInside ? [] : [`leaves its package to import ${from}`]
    }
    const name = /^(?:@cloakroom\/(accounts|gateway)|(cloakroom))(?:\/|$)/.exec(from)
    const other = name?.[1] ?? name?.[2]
    if (other === undefined) return []
    if (other === own) return [`imports ${from}, an entry point of its own package`]
    const isLater = packageOrder.indexOf(other) > packageOrder.indexOf(own)
    return isLater ? [`imports ${from} of a later package`] : []
  })
}

function importsLowerRungs({ path }: Source, imports: readonly Import[]): string[] {
  const name = packageOf(path)
  const ladder = rungs[name]
  if (ladder === undefined) return []
  const rungOf = (folder: string): number =>
    ladder.findIndex(names => names.includes(folder.split('/')[0] ?? ''))
  const own = folderOf(path)
  if (own !== '' && rungOf(own) === -1) return [`is in ${own}, which has no rung`]
  return imports.flatMap(({ from }) => {
    const target = from.startsWith('.') ? resolveImport(path, from) : ''
    if (packageOf(target) !== name) return []
    const other = folderOf(target)
    if (other === '') return [`imports ${from}, an entry point of its own package`]
    if (own === '' || other === own || rungOf(other) < rungOf(own)) return []
    return [`imports ${from} of ${rungOf(other) > rungOf(own) ? 'a higher rung' : 'a neighbour'}`]
  })
}

function usesCryptoInItsPlace({ path }: Source, imports: readonly Import[]): string[] {
  const isPlace = packageOf(path) !== 'cloakroom' || ['core', 'crypto'].includes(folderOf(path))
  const uses = imports.some(({ from }) => from === 'node:crypto' || from === 'crypto')
  return uses && !isPlace ? ['imports node:crypto outside crypto/ and core/'] : []
}

function takesTimeFromClock({ path, text }: Source): string[] {
  // Scripts for browsers, which have no Clock, are texts in a generated file.
  const isExempt = path === 'packages/cloakroom/src/core/clock.ts' || path.endsWith('.generated.ts')
  if (isExempt) return []
  const reading = /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b|\bprocess\.hrtime\b/.exec(text)
  return reading === null ? [] : [`reads the time by ${reading[0]} and not from a Clock`]
}

function importsPeersAsTypes({ path }: Source, imports: readonly Import[]): string[] {
  if (packageOf(path) !== 'cloakroom') return []
  const wrong = imports.filter(({ from, isTypeOnly }) => peers.test(from) && !isTypeOnly)
  return wrong.map(({ from }) => `needs ${from} at run time; use \`import type\``)
}

function exportsByName({ path, text }: Source, imports: readonly Import[]): string[] {
  if (/^\s*export \*/m.test(text)) return ['says export *']
  const isDefault = /^\s*export default\b|\bas default\b/m.test(text)
  if (isDefault && path !== standIn) return ['has a default export']
  const isEntry = dirname(path).endsWith('/src')
  const isBarrel = imports.some(({ isExport }) => isExport) && !isEntry
  return isBarrel ? ['is a barrel: only entry points export what another file holds'] : []
}

function isSilent({ path, text }: Source): string[] {
  return /\bconsole\./.test(text) && !path.includes('/cli/') ? ['writes to the console'] : []
}

function isShort({ path, text }: Source): string[] {
  const lines = text.replace(/\n$/, '').split('\n').length
  const limit = isSuite(path) ? maxSuiteLines : maxLines
  if (lines <= limit || path.endsWith('.generated.ts')) return []
  return [`has ${lines} lines, and ${limit} is the limit`]
}

function readImports(code: string): Import[] {
  const declarations = code.matchAll(
    /^\s*(import|export)\b(\s+type\b(?!\s*,|\s+from))?[^;'"()=]*?\bfrom\s*['"]([^'"]+)['"]/gm,
  )
  const bare = code.matchAll(/^\s*import\s+['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]/gm)
  return [
    ...[...declarations].map(([, keyword, type, from = '']) => ({
      from,
      isTypeOnly: type !== undefined,
      isExport: keyword === 'export',
    })),
    ...[...bare].map(([, first, second]) => ({
      from: first ?? second ?? '',
      isTypeOnly: false,
      isExport: false,
    })),
  ]
}

function isSuite(path: string): boolean {
  return /\.(test|contract)\.tsx?$/.test(path)
}

function packageOf(path: string): string {
  return /^packages\/([^/]+)\/src\//.exec(path)?.[1] ?? ''
}

/** The folder below src that counts as one: stores hold one folder for each kind. */
function folderOf(path: string): string {
  const parts = dirname(path).split('/').slice(3)
  return parts.slice(0, parts[0] === 'stores' ? 2 : 1).join('/')
}

function resolveImport(path: string, from: string): string {
  return posix.join(dirname(path), from)
}

async function readSources(): Promise<Source[]> {
  const paths: string[] = []
  for (const name of packageOrder) {
    const folder = join(root, 'packages', name, 'src')
    const found = await readdir(folder, { recursive: true }).catch(() => [])
    paths.push(...found.filter(file => /\.tsx?$/.test(file)).map(file => join(folder, file)))
  }
  return Promise.all(
    paths.map(async path => ({
      path: relative(root, path).split(sep).join('/'),
      text: await readFile(path, 'utf8'),
    })),
  )
}
