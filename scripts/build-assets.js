// Turns what browsers load from the pages into one committed module, so that the package has no files
// to be found at run time.
//
// node scripts/build-assets.js [--check]
//
// With --check nothing is written; the exit code says whether the module is up to date.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../packages/accounts/src/', import.meta.url))
const folder = join(root, 'assets')
const output = join(root, 'pages/assets.generated.ts')
/** What of other packages comes before a file of ours, with their licence. */
const forerunners = {
  'admin.css': ['uplot', 'dist/uPlot.min.css'],
  'charts.js': ['uplot', 'dist/uPlot.iife.min.js'],
}
const types = { '.css': 'text/css; charset=utf-8', '.js': 'text/javascript; charset=utf-8' }

process.exitCode = run(process.argv.slice(2))

function run([option]) {
  const names = readdirSync(folder).filter(name => extname(name) in types)
  const text = renderModule(names.sort())
  if (option !== '--check') {
    writeFileSync(output, text)
    return 0
  }
  if (readFileSync(output, 'utf8') === text) return 0
  console.error(`${output} is not what its assets say. Run \`npm run generate\`.`)
  return 1
}

function renderModule(names) {
  return `// Written by scripts/build-assets.js. Change the assets and run \`npm run generate\`.
import type { Asset } from './assets.ts'

/** What browsers load, by name. */
export const assetFiles: Readonly<Record<${names.map(name => `'${name}'`).join(' | ')}, Asset>> = {
${names.map(renderAsset).join('')}}
`
}

function renderAsset(name) {
  const text = readForerunner(name) + readFileSync(join(folder, name), 'utf8')
  const digest = createHash('sha256').update(text).digest('hex').slice(0, 16)
  return `  '${name}': {
    type: '${types[extname(name)]}',
    digest: '${digest}',
    text: \`${text.replace(/[\\`]|\$\{/g, '\\$&')}\`,
  },
`
}

function readForerunner(name) {
  if (!(name in forerunners)) return ''
  const [owner, file] = forerunners[name]
  const place = new URL(`../node_modules/${owner}/`, import.meta.url)
  const [license, text] = ['LICENSE', file].map(path => readFileSync(new URL(path, place), 'utf8'))
  return `/*! ${owner}, under this licence:\n\n${license.trim()}\n*/\n${text.trim()}\n\n`
}
