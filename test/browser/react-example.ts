import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { AccountsSite } from '../support/accounts-site.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Where the React example is. Its page was built before the first test. */
export const reactExample = `${root}examples/react`

/** Checks the types of the React example and builds its page. */
export function buildReactExample(): void {
  const run = (program: string, ...args: readonly string[]): unknown =>
    execFileSync(process.execPath, [`${root}node_modules/${program}`, ...args], {
      cwd: reactExample,
    })
  run('typescript/bin/tsc', '-p', '.')
  run('vite/bin/vite.js', 'build')
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
}

/** Serves the accounts of a site, and the built example at all other addresses. */
export async function serveReactExample(
  site: () => AccountsSite,
): Promise<{ readonly server: Server; readonly origin: string }> {
  const folder = join(reactExample, 'dist')
  const names = (await readdir(folder, { recursive: true })).filter(path => extname(path) in types)
  const files = new Map<string, string>(
    await Promise.all(
      names.map(async name => [`/${name}`, await readFile(join(folder, name), 'utf8')] as const),
    ),
  )
  const server = createServer((request, response) =>
    site().accounts.express()(request, response, () => {
      const name = files.has(request.url ?? '') ? (request.url ?? '') : '/index.html'
      response.setHeader('content-type', types[extname(name)] ?? '')
      response.end(files.get(name))
    }),
  )
  server.listen(0)
  await once(server, 'listening')
  return { server, origin: `http://localhost:${(server.address() as AddressInfo).port}` }
}
