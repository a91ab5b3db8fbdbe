import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** A piece of code in a guide. */
export interface CodeBlock {
  /** Name of the guide and number of the block, as a file name. */
  readonly name: string
  /** Path of the guide. */
  readonly guide: string
  readonly language: string
  /** Marked with the word `run` after the language. */
  readonly isRunnable: boolean
  readonly code: string
}

/** A page of the documentation. */
export interface Guide {
  /** From the root of the repository. */
  readonly path: string
  readonly text: string
  readonly blocks: readonly CodeBlock[]
}

/** Reads README files and everything in docs/. */
export async function readGuides(): Promise<readonly Guide[]> {
  const found = await readdir(join(root, 'docs'), { recursive: true })
  const pages = found.filter(path => path.endsWith('.md')).map(path => `docs/${path}`)
  const paths = ['README.md', 'packages/cloakroom/README.md', ...pages.sort()]
  return Promise.all(paths.map(path => readGuide(path)))
}

async function readGuide(path: string): Promise<Guide> {
  const text = await readFile(join(root, path), 'utf8')
  const found = [...text.matchAll(/^```(\w+)( run)?\n([\s\S]*?)^```$/gm)]
  const blocks = found.map(([, language = '', run, code = ''], index) => ({
    name: `${path.replace(/\.md$/, '').replaceAll('/', '-')}-${index + 1}`,
    guide: path,
    language,
    isRunnable: run !== undefined,
    code,
  }))
  return { path, text, blocks }
}

/** What blocks may use without declaring it. A block that declares one of the names hides it. */
export const givenNames: string = `
import type { Cloakroom } from 'cloakroom'
import 'cloakroom/express'
import type { Express } from 'express'

declare global {
  const app: Express
  const cloakroom: Cloakroom
  function findUser(name: string, password: string): Promise<{ id: string; role: string } | null>
}
`
