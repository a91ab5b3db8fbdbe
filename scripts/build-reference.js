// Writes docs/reference from the doc comments of what the packages export: `npm run reference`. With
// --print it prints the pages as JSON instead.
//
// It reads the built declarations, so that it shows what users get: each name with its comment and
// its declaration, in a page for each path that can be imported.
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findPackages } from './packages.js'

const root = fileURLToPath(new URL('../', import.meta.url))
const origin = 'Made from doc comments by `npm run reference`.'

const pages = renderReference()
if (process.argv[2] === '--print') console.log(JSON.stringify([...pages]))
else {
  const folder = join(root, 'docs/reference')
  if (existsSync(folder)) rmSync(folder, { recursive: true })
  mkdirSync(folder)
  for (const [name, text] of pages) writeFileSync(join(folder, name), text)
  console.log(`docs/reference holds ${pages.size} pages.`)
}

/** Pages by file name, made from the packages as they were built last. */
function renderReference() {
  const entries = findPackages().flatMap(listEntries)
  const pages = new Map(entries.map(entry => [fileOf(entry.specifier), renderEntry(entry)]))
  pages.set('README.md', renderIndex(entries))
  return pages
}

function listEntries(folder) {
  const { name, exports: paths } = JSON.parse(
    readFileSync(join(root, folder, 'package.json'), 'utf8'),
  )
  return Object.entries(paths)
    .filter(([, target]) => target.endsWith('.js'))
    .map(([path, target]) => {
      const file = join(root, folder, target.replace(/\.js$/, '.d.ts'))
      return { specifier: name + path.slice(1), names: listNames(file) }
    })
}

/** What an entry exports, from its own declarations and from those it passes on. */
function listNames(file) {
  const text = readFileSync(file, 'utf8')
  const imported = new Map()
  for (const [, list, from] of text.matchAll(/^import [^{]*\{([^}]*)\} from '([^']+)'/gm)) {
    for (const { name } of readList(list)) imported.set(name, from)
  }
  const passedOn = [
    ...text.matchAll(/^export (?:type )?\{([^}]*)\}(?: from '([^']+)')?/gm),
  ].flatMap(([, list, from]) =>
    readList(list).map(({ name, alias }) => {
      const origin = from ?? imported.get(name)
      const source = join(dirname(file), origin.replace(/\.tsx?$/, '.d.ts'))
      return { name: alias, ...findDeclaration(readFileSync(source, 'utf8'), name) }
    }),
  )
  const own = [
    ...text.matchAll(/^export (?:declare )?(?:const|function|class|interface|type) (\w+)/gm),
  ].map(([, name]) => ({ name, ...findDeclaration(text, name) }))
  const all = new Map([...passedOn, ...own].map(each => [each.name, each]))
  return [...all.values()].sort((left, right) => (left.name < right.name ? -1 : 1))
}

/** The names in the braces of an import or export, but for what is meant for CommonJS alone. */
function readList(list) {
  return [...list.matchAll(/(?:type )?(\w+)(?: as ('?[\w.]+'?))?/g)]
    .map(([, name, alias = name]) => ({ name, alias }))
    .filter(({ alias }) => alias !== "'module.exports'")
}

function findDeclaration(source, name) {
  const lines = source.split('\n')
  const begins = new RegExp(`^export (declare )?(const|function|class|interface|type) ${name}\\b`)
  const starts = lines.flatMap((line, at) => (begins.test(line) ? [at] : []))
  const [first] = starts
  if (first === undefined) return { comment: '', code: '' }
  const code = starts.map(at => readStatement(lines, at)).join('\n')
  return { comment: readComment(lines, first), code: code.replace(/^ +#private;\n/gm, '') }
}

/** A declaration ends where all braces are closed and its line does. */
function readStatement(lines, start) {
  let depth = 0
  let end = start
  for (; ; end += 1) {
    const code = lines[end].replace(/\/\*.*?\*\/|'[^']*'/g, '')
    if (!/^\s*(\*|\/\*)/.test(code)) depth += count(code, /[{(]/g) - count(code, /[})]/g)
    if (depth === 0 && /[;}]\s*$/.test(code)) break
  }
  return lines
    .slice(start, end + 1)
    .join('\n')
    .replace(/^export (declare )?/, '')
}

function count(text, pattern) {
  return text.match(pattern)?.length ?? 0
}

function readComment(lines, declaration) {
  const end = declaration - 1
  if (!/\*\/\s*$/.test(lines[end] ?? '')) return ''
  let start = end
  while (!/^\s*\/\*\*/.test(lines[start])) start -= 1
  const text = lines
    .slice(start, end + 1)
    .join('\n')
    .replace(/^\s*\/\*\*\s?|\s*\*\/\s*$/g, '')
    .replace(/^\s*\* ?/gm, '')
    // A part of a program, not one of its own.
    .replace(/^```ts$/gm, '```text')
  return describe(text)
}

/** As Markdown: links by their names, examples as code, tags in words. */
function describe(text) {
  const [body, ...tags] = text.split(/^@|\s@(?=default|throws|returns|param|example)/gm)
  return [body.trim(), ...tags.map(describeTag)]
    .join('\n\n')
    .replace(/\{@link ([^}|]+)[^}]*\}/g, '`$1`')
}

function describeTag(tag) {
  const [, name, rest] = /^(\w+)\s*([\s\S]*)$/.exec(tag) ?? [undefined, '', tag]
  if (name === 'example') return `\`\`\`text\n${rest.trim()}\n\`\`\``
  const words = { default: 'Default:', throws: 'Throws', returns: 'Gives', param: 'Parameter' }
  return `**${words[name] ?? name}** ${rest.trim()}`
}

function renderEntry({ specifier, names }) {
  const parts = names.map(
    ({ name, comment, code }) => `## ${name}\n\n${comment}\n\n\`\`\`dts\n${code}\n\`\`\`\n`,
  )
  return `# \`${specifier}\`\n\n${origin}\n\n${parts.join('\n')}`
}

function renderIndex(entries) {
  const rows = entries.map(({ specifier, names }) => {
    const list = names.map(({ name }) => `[${name}](${fileOf(specifier)}#${name.toLowerCase()})`)
    return `## [\`${specifier}\`](${fileOf(specifier)})\n\n${list.join(' · ')}\n`
  })
  return `# Reference\n\n${origin}\n\n${rows.join('\n')}`
}

function fileOf(specifier) {
  return `${specifier.replace(/^@/, '').replaceAll('/', '-')}.md`
}
