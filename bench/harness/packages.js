// How much is installed along with a package: its files, and those of all that it depends on.
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const start = fileURLToPath(new URL('../', import.meta.url))

/** @param {readonly string[]} names */
export function installedBytes(names) {
  const folders = new Set()
  for (const name of names) collect(name, start, folders)
  const bytes = [...folders].reduce((sum, folder) => sum + sizeOf(folder), 0)
  return { count: folders.size, bytes }
}

function collect(name, from, folders) {
  const folder = findPackage(name, from)
  if (folder === null || folders.has(folder)) return
  folders.add(folder)
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  for (const dependency of Object.keys(dependencies)) collect(dependency, folder, folders)
}

/** As Node.js looks for it: in every node_modules on the way up. */
function findPackage(name, from) {
  const folder = join(from, 'node_modules', name)
  if (existsSync(folder)) return realpathSync(folder)
  const parent = dirname(from)
  return parent === from ? null : findPackage(name, parent)
}

/** What is built here holds more than what is published. */
function sizeOf(folder) {
  if (folder.includes('node_modules')) return filesOf(folder)
  const [packed] = JSON.parse(
    execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    }),
  )
  return packed.unpackedSize
}

function filesOf(folder) {
  const entries = readdirSync(folder, { withFileTypes: true })
  const sizes = entries.map(entry => {
    const path = join(folder, entry.name)
    if (!entry.isDirectory()) return statSync(path).size
    return entry.name === 'node_modules' ? 0 : filesOf(path)
  })
  return sizes.reduce((sum, size) => sum + size, 0)
}
