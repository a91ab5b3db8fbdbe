import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Builds everything; some tests look at the packages as they are published. @throws {Error} */
export function buildPackages() {
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (status !== 0) throw new Error('The build failed, so no test was run.')
}

/** The folders of the packages that have been built. Others are yet to come. */
export function findPackages() {
  const folders = readdirSync(join(root, 'packages')).map(name => join('packages', name))
  return folders.filter(path => existsSync(join(root, path, 'dist/index.js')))
}
