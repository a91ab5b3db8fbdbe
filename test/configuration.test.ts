import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { optionNames } from '../packages/cloakroom/src/app/options.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const sources = join(root, 'packages/cloakroom/src')

/** Options that have options of their own: name, file and interface. */
const groups: readonly [string, string, string][] = [
  ['session', 'sessions/policy.ts', 'SessionOptions'],
  ['session.limit', 'sessions/policy.ts', 'LimitOptions'],
  ['cookie', 'http/cookie-options.ts', 'CookieOptions'],
  ['csrf', 'protection/csrf-options.ts', 'CsrfOptions'],
  ['rule', 'protection/rules.ts', 'LimitRuleOptions'],
  ['rule.block', 'protection/block-policy.ts', 'BlockOptions'],
  ['headers', 'http/headers-options.ts', 'SecurityHeadersOptions'],
  ['redisGuard', 'stores/redis/guard.ts', 'GuardOptions'],
  ['roles', 'web/roles.ts', 'RoleOptions'],
  ['audit', 'events/audit.ts', 'AuditLogOptions'],
]

/** Options of a part that `createCloakroom` fills in itself. */
const internal = ['redisGuard.clock', 'redisGuard.onUnavailable']

describe('docs/configuration.md', () => {
  it('names every option', async () => {
    expect(await findUnnamed([...optionNames])).toEqual([])
  })

  it.each(groups)('names every option of %s', async (group, file, name) => {
    const names = await readProperties(file, name)
    expect(names.length).toBeGreaterThan(1)
    const options = names.map(each => `${group}.${each}`)
    expect(await findUnnamed(options.filter(each => !internal.includes(each)))).toEqual([])
  })

  it('names every environment variable', async () => {
    const text = await readFile(join(sources, 'web/environment.ts'), 'utf8')
    const names = [...text.matchAll(/'((?!ERR_)[A-Z]+(?:_[A-Z]+)+)'/g)].map(([, name = '']) => name)
    expect(names.length).toBeGreaterThan(6)
    expect(await findUnnamed(names)).toEqual([])
  })
})

/** Which of these have no row of their own in a table. */
async function findUnnamed(names: readonly string[]): Promise<readonly string[]> {
  const text = await readFile(join(root, 'docs/configuration.md'), 'utf8')
  return names.filter(name => !text.includes(`\n| \`${name}\` |`))
}

async function readProperties(file: string, name: string): Promise<readonly string[]> {
  const text = await readFile(join(sources, file), 'utf8')
  const body = new RegExp(`export interface ${name}\\b[^{]*\\{([\\s\\S]*?)\\n\\}`).exec(text)?.[1]
  return [...(body ?? '').matchAll(/^ {2}(?:readonly )?(\w+)\??:/gm)].map(([, key = '']) => key)
}
