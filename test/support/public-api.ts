import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Something that a package exports. */
export interface PublicName {
  readonly name: string
  readonly isType: boolean
  /** Whether its declaration has a doc comment. */
  readonly isDocumented: boolean
}

/** One of the paths that a package can be imported by. */
export interface EntryPoint {
  /** As users write it, such as `cloakroom/express`. */
  readonly specifier: string
  readonly names: readonly PublicName[]
}

/** The folders of the built packages. */
export async function findPackages(): Promise<readonly string[]> {
  const folders = await readdir(join(root, 'packages'))
  return folders.filter(folder => existsSync(join(root, 'packages', folder, 'dist/index.js')))
}

/** Reads what a built package exports, from its declarations. */
export async function readEntryPoints(folder: string): Promise<readonly EntryPoint[]> {
  const manifest = await readManifest(folder)
  const entries = Object.entries(manifest.exports).filter(([, target]) => target.endsWith('.js'))
  return Promise.all(
    entries.map(async ([path, target]) => {
      const declarations = join(root, 'packages', folder, target.replace(/\.js$/, '.d.ts'))
      const names = await readNames(declarations)
      return { specifier: manifest.name + path.slice(1), names }
    }),
  )
}

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string>>
}

async function readManifest(folder: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(root, 'packages', folder, 'package.json'), 'utf8'))
}

async function readNames(path: string): Promise<PublicName[]> {
  const text = await readFile(path, 'utf8')
  const origins = new Map<string, string>()
  for (const [, list, from = ''] of text.matchAll(/^import [^{]*\{([^}]*)\} from '([^']+)'/gm)) {
    for (const { name } of readList(list)) origins.set(name, from)
  }
  const names: PublicName[] = []
  for (const [, type, list, from] of text.matchAll(
    /^export (type )?\{([^}]*)\}(?: from '([^']+)')?/gm,
  )) {
    for (const { name, alias, isType } of readList(list)) {
      const origin = from ?? origins.get(name) ?? ''
      const source = await readFile(join(dirname(path), origin.replace(/\.tsx?$/, '.d.ts')), 'utf8')
      const isDescribed = isDocumented(source, name)
      names.push({ name: alias, isType: isType || type !== undefined, isDocumented: isDescribed })
    }
  }
  for (const [, kind = '', name = ''] of text.matchAll(
    /^export (?:declare )?(const|function|class|interface|type) (\w+)/gm,
  )) {
    const isType = kind === 'interface' || kind === 'type'
    names.push({ name, isType, isDocumented: isDocumented(text, name) })
  }
  return names.sort((left, right) => (left.name < right.name ? -1 : 1))
}

/** The names in the braces of an import or export, but for what is meant for CommonJS alone. */
function readList(list = ''): { name: string; alias: string; isType: boolean }[] {
  const items = [...list.matchAll(/(type )?(\w+)(?: as ('?[\w.]+'?))?/g)]
  return items
    .map(([, type, name = '', alias = name]) => ({ name, alias, isType: type !== undefined }))
    .filter(({ alias }) => alias !== "'module.exports'")
}

function isDocumented(source: string, name: string): boolean {
  const declaration = `export (?:declare )?(?:const|function|class|interface|type) ${name}\\b`
  return new RegExp(`\\*/\\s*(?://[^\\n]*\\n\\s*)*${declaration}`).test(source)
}
