import { spawnSync } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const root = fileURLToPath(new URL('../', import.meta.url))

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloakroom-scripts-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

function runNode(args: readonly string[], env: NodeJS.ProcessEnv = process.env) {
  return spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' })
}

async function writeProgram(name: string, script: string): Promise<void> {
  await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
}

describe('scripts/test.js', () => {
  it('fails and says what to install where there is no Redis and no way to get one', () => {
    const { status, stdout, stderr } = runNode(['scripts/test.js'], { PATH: folder })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^The tests need redis-server .+ install it .+\.$/m)
    expect(stdout).toBe('0 passed, 1 failed\n')
  })

  it('installs Redis where that takes no password', async () => {
    await writeProgram('sudo', 'shift; exec "$@"')
    await writeProgram('apt-get', 'if [ "$1" = install ]; then : > "$0-was-asked-for-$3"; fi')
    const { stdout } = runNode(['scripts/test.js'], { PATH: folder })
    expect(stdout).toMatch(
      /^No redis-server was found\. Running `.*apt-get install -y redis-server`/,
    )
    expect(await readdir(folder)).toContain('apt-get-was-asked-for-redis-server')
  })
})

describe('runVitest', () => {
  const program = `
    const { describeCounts, isGreen, runVitest } = await import('./scripts/vitest-run.js')
    const counts = runVitest(['--root', process.argv[1], '--globals'])
    console.log(isGreen(counts), describeCounts(counts))
  `
  const linesOf = (env?: NodeJS.ProcessEnv): string[] =>
    runNode(['--input-type=module', '-e', program, folder], env).stdout.trimEnd().split('\n')
  const lastLineOf = (): string | undefined => linesOf().at(-1)

  it('counts what passed and what was skipped', async () => {
    await writeFile(
      join(folder, 'good.test.js'),
      `it('a', () => {}); it('b', () => {}); it.skip('c')`,
    )
    expect(lastLineOf()).toBe('true 2 passed, 0 failed, 1 skipped')
  })

  it('counts a test that fails and a file that cannot be loaded', async () => {
    await writeFile(join(folder, 'bad.test.js'), `it('a', () => { throw new Error('no') })`)
    await writeFile(join(folder, 'broken.test.js'), `import './not-there.js'`)
    expect(lastLineOf()).toBe('false 0 passed, 2 failed')
  })

  it('counts an error outside of a test as one that failed', async () => {
    await writeFile(
      join(folder, 'late.test.js'),
      `it('a', () => { Promise.reject(new Error('nobody waits')) })`,
    )
    expect(lastLineOf()).toBe('false 1 passed, 1 failed')
  })

  it('tries once more in CI, and says so', async () => {
    const test = `let tries = 0; it('a', () => { if (++tries < 2) throw new Error('no') })`
    await writeFile(join(folder, 'flaky.test.js'), test)
    const { CI: _, ...own } = process.env
    expect(linesOf(own).at(-1)).toBe('false 0 passed, 1 failed')
    const [told, last] = linesOf({ ...own, CI: 'true' }).slice(-2)
    expect(told).toMatch(/^Passed at the second try: .*flaky\.test\.js: a \(Error: no\)$/)
    expect(last).toBe('true 1 passed, 0 failed')
  })

  it('is not green when there was nothing to run', () => {
    expect(lastLineOf()).toMatch(/^false 0 passed/)
  })
})
