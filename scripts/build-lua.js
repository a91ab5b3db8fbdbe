// Turns Lua files into one committed module of typed scripts, so that TypeScript passes parameters
// by name and a misspelt one does not compile.
//
// node scripts/build-lua.js [--check] [folder output]
//
// Each file begins with a comment and then names its parameters, one a line, in order:
//
//   local session = KEYS[1]
//   local now = tonumber(ARGV[1])
//   local rules = { unpack(ARGV, 2) }
//
// `-- include: record` puts include/record.lua in its place. With --check nothing is written; the
// exit code says whether the output is up to date.
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { basename, dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))
const scriptType = join(root, 'packages/cloakroom/src/stores/redis/script.ts')
const maxLines = 90

const builds = [
  [
    'packages/cloakroom/src/stores/redis/lua',
    'packages/cloakroom/src/stores/redis/scripts.generated.ts',
  ],
  ['test/fixtures/lua', 'test/fixtures/scripts.generated.ts'],
]

const parameterLine =
  /^local ([a-z][a-z0-9_]*) = (?:(KEYS|ARGV)\[(\d+)\]|tonumber\((ARGV)\[(\d+)\]\)|\{ unpack\((KEYS|ARGV), (\d+)\) \})$/
const includeLine = /^-- include: ([a-z][a-z0-9-]*)$/gm

process.exitCode = run(process.argv.slice(2))

function run(argv) {
  const isCheck = argv[0] === '--check'
  const paths = isCheck ? argv.slice(1) : argv
  const chosen =
    paths.length === 2 ? [paths] : builds.map(pair => pair.map(path => join(root, path)))
  let exitCode = 0
  for (const [folder, output] of chosen) {
    try {
      exitCode ||= buildModule(folder, output, isCheck)
    } catch (error) {
      console.error(error.message)
      exitCode = 1
    }
  }
  return exitCode
}

function buildModule(folder, output, isCheck) {
  const files = readdirSync(folder).filter(name => name.endsWith('.lua'))
  const scripts = files.sort().map(name => readScript(join(folder, name)))
  const text = renderModule(scripts, output)
  if (!isCheck) {
    writeFileSync(output, text)
    return 0
  }
  if (readFileSync(output, 'utf8') === text) return 0
  console.error(`${output} is not what its Lua files say. Run \`npm run generate\`.`)
  return 1
}

function readScript(path) {
  const text = readFileSync(path, 'utf8')
  const lines = text.replace(/\n$/, '').split('\n')
  const refuse = problem => {
    throw new Error(`${path}: ${problem}.`)
  }
  if (lines.length > maxLines) refuse(`has ${lines.length} lines, and ${maxLines} is the limit`)
  const first = lines.findIndex(line => !line.startsWith('--'))
  if (first === 0) refuse('must begin with a comment on its purpose and results')
  const rest = lines.slice(first)
  const end = rest.findIndex(line => line !== '' && !parameterLine.test(line))
  const parameters = rest.slice(0, end === -1 ? undefined : end).filter(line => line !== '')
  const named = nameParameters(parameters, refuse)
  const source = includeFiles(text, dirname(path), refuse)
  const uses = source.match(/\b(?:KEYS|ARGV)\b/g) ?? []
  if (uses.length > parameters.length) {
    refuse('uses KEYS or ARGV outside the parameter lines below its first comment')
  }
  return { name: basename(path, '.lua'), source, ...named }
}

function nameParameters(lines, refuse) {
  const named = { keys: [], args: [], restKeys: undefined, restArgs: undefined }
  const seen = new Set()
  for (const line of lines) {
    const match = parameterLine.exec(line)
    const kind = (match[2] ?? match[4] ?? match[6]) === 'KEYS' ? 'keys' : 'args'
    const rest = kind === 'keys' ? 'restKeys' : 'restArgs'
    const position = Number(match[3] ?? match[5] ?? match[7])
    const name = match[1].replace(/_(.)/g, (_, letter) => letter.toUpperCase())
    if (seen.has(name)) refuse(`names two parameters ${name}`)
    seen.add(name)
    if (named[rest] !== undefined) refuse(`has ${name} after ${named[rest]}, which takes the rest`)
    if (position !== named[kind].length + 1) {
      refuse(`gives ${name} position ${position} where ${named[kind].length + 1} is next`)
    }
    if (match[6] === undefined) named[kind].push(name)
    else named[rest] = name
  }
  return named
}

function includeFiles(text, folder, refuse) {
  return text.replace(includeLine, (_, name) => {
    const included = readFileSync(join(folder, 'include', `${name}.lua`), 'utf8').trimEnd()
    if (included.search(includeLine) !== -1) refuse(`includes ${name}, which includes more`)
    return included
  })
}

function renderModule(scripts, output) {
  const origin = relative(dirname(output), scriptType)
  const from = origin.startsWith('.') ? origin : `./${origin}`
  const head =
    '// Written by scripts/build-lua.js. Change the Lua files and run `npm run generate`.\n'
  if (scripts.length === 0) return `${head}export {}\n`
  return `${head}import type { Script } from '${from}'\n${scripts.map(renderScript).join('')}`
}

function renderScript({ name, source, keys, args, restKeys, restArgs }) {
  const sha1 = createHash('sha1').update(source).digest('hex')
  const type = [union(keys), union(args), union(restKeys), union(restArgs)].join(', ')
  return `
export const ${name.replace(/-(.)/g, (_, letter) => letter.toUpperCase())}: Script<${type}> = {
  name: '${name}',
  sha1: '${sha1}',
  keys: [${keys.map(quote).join(', ')}],
  args: [${args.map(quote).join(', ')}],
  restKeys: ${quote(restKeys)},
  restArgs: ${quote(restArgs)},
  source: \`${source.replace(/[\\`]|\$\{/g, '\\$&')}\`,
}
`
}

function union(names = []) {
  const all = [names].flat()
  return all.length === 0 ? 'never' : all.map(quote).join(' | ')
}

function quote(name) {
  return name === undefined ? 'undefined' : `'${name}'`
}
