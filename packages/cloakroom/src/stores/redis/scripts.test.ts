import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const run = promisify(execFile)
const generator = fileURLToPath(new URL('../../../../../scripts/build-lua.js', import.meta.url))

describe('scripts.generated.ts', () => {
  it('is what the Lua files say', async () => {
    await expect(run(process.execPath, [generator, '--check'])).resolves.toBeDefined()
  })
})

describe('build-lua', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloakroom-lua-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  async function build(files: Record<string, string>): Promise<string> {
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true })
      await writeFile(join(folder, name), text)
    }
    const output = join(folder, 'scripts.generated.ts')
    await run(process.execPath, [generator, folder, output])
    return readFile(output, 'utf8')
  }

  it('names parameters of every kind', async () => {
    const text = await build({
      'load-session.lua': [
        '-- Loads.',
        'local session_key = KEYS[1]',
        'local indexes = { unpack(KEYS, 2) }',
        '',
        'local now = tonumber(ARGV[1])',
        'local digest = ARGV[2]',
        'local rules = { unpack(ARGV, 3) }',
        'return { session_key, now, digest, indexes, rules }',
      ].join('\n'),
    })
    expect(text).toContain(
      "export const loadSession: Script<'sessionKey', 'now' | 'digest', 'indexes', 'rules'> = {",
    )
    expect(text).toContain("keys: ['sessionKey'],")
    expect(text).toContain("args: ['now', 'digest'],")
    expect(text).toContain("restKeys: 'indexes',")
    expect(text).toContain("restArgs: 'rules',")
  })

  it('hashes the source as it is sent, with what it includes and odd characters', async () => {
    const odd = ['return "`$', '{name}` \\\\ \\n"\n'].join('')
    const text = await build({
      'odd.lua': `-- Odd.\nlocal name = KEYS[1]\n-- include: odd\n${odd}`,
      'include/odd.lua': 'local function odd() end\n',
    })
    const module = await import(`data:text/javascript,${encodeURIComponent(toJavaScript(text))}`)
    const source = `-- Odd.\nlocal name = KEYS[1]\nlocal function odd() end\n${odd}`
    expect(module.odd.source).toBe(source)
    expect(module.odd.sha1).toBe(createHash('sha1').update(source).digest('hex'))
  })

  it.each([
    ['no comment first', 'local a = KEYS[1]', /must begin with a comment/],
    ['a gap', '-- A.\nlocal a = KEYS[2]', /gives a position 2 where 1 is next/],
    ['a parameter twice', '-- A.\nlocal a = KEYS[1]\nlocal a = ARGV[1]', /names two parameters a/],
    ['a name in another case', '-- A.\nlocal aB = ARGV[1]', /uses KEYS or ARGV outside/],
    [
      'a parameter after the one that takes the rest',
      '-- A.\nlocal a = { unpack(ARGV, 1) }\nlocal b = ARGV[2]',
      /has b after a, which takes the rest/,
    ],
    ['KEYS in the code', '-- A.\nlocal a = KEYS[1]\nreturn KEYS[2]', /uses KEYS or ARGV outside/],
    ['ARGV changed on the way', '-- A.\nlocal a = ARGV[1] + 1', /uses KEYS or ARGV outside/],
    ['too many lines', `-- A.\n${'return 1\n'.repeat(90)}`, /has 91 lines, and 90 is the limit/],
    ['a missing include', '-- A.\n-- include: none\nreturn 1', /none\.lua/],
  ])('refuses %s', async (_what, text, message) => {
    await expect(build({ 'a.lua': text })).rejects.toThrow(message)
  })

  it('refuses an include that includes more', async () => {
    const files = {
      'a.lua': '-- A.\n-- include: b\nreturn 1',
      'include/b.lua': '-- include: c',
    }
    await expect(build(files)).rejects.toThrow(/includes b, which includes more/)
  })

  it('tells what is out of date', async () => {
    await build({ 'a.lua': '-- A.\nreturn 1' })
    await writeFile(join(folder, 'a.lua'), '-- A.\nreturn 2')
    const check = run(process.execPath, [
      generator,
      '--check',
      folder,
      join(folder, 'scripts.generated.ts'),
    ])
    await expect(check).rejects.toThrow(/Run `npm run generate`/)
  })
})

function toJavaScript(text: string): string {
  return text.replace(/^import type .*$/m, '').replace(/: Script<.*?> = /g, ' = ')
}
