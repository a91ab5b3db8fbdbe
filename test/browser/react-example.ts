import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Checks the types of the React example and builds its page; gives its folder. */
export function buildReactExample(): string {
  const folder = `${root}examples/react`
  const run = (program: string, ...args: readonly string[]): unknown =>
    execFileSync(process.execPath, [`${root}node_modules/${program}`, ...args], { cwd: folder })
  run('typescript/bin/tsc', '-p', '.')
  run('vite/bin/vite.js', 'build')
  return folder
}
