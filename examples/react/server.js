import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { extname } from 'node:path'
import { accountRolePermissions, accountRules, createAccounts } from '@cloakroom/accounts'
import { createCloakroom, getNonce } from 'cloakroom'
import { requireAuth } from 'cloakroom/node'

const { PORT = '3000' } = process.env
const types = { '.css': 'text/css', '.html': 'text/html', '.js': 'text/javascript' }

/** What `vite build` made, by path. Nothing else can be asked for. */
async function readBuilt() {
  const folder = new URL('dist/', import.meta.url)
  const paths = (await readdir(folder, { recursive: true })).filter(path => extname(path) in types)
  const texts = await Promise.all(paths.map(path => readFile(new URL(path, folder), 'utf8')))
  return new Map(paths.map((path, index) => [`/${path.replaceAll('\\', '/')}`, texts[index]]))
}

/** The application's own routes: one for moderators, and the page for all the rest. */
function createListener(cloakroom, files) {
  return cloakroom.node(async (request, response) => {
    const [path] = request.url.split('?')
    if (path === '/api/visitors') {
      await requireAuth('moderator')
      response.setHeader('Content-Type', 'application/json')
      return response.end(JSON.stringify({ today: 42 }))
    }
    const name = files.has(path) ? path : '/index.html'
    response.setHeader('Content-Type', `${types[extname(name)]}; charset=utf-8`)
    response.end(files.get(name).replaceAll('{nonce}', getNonce()))
  })
}

async function main() {
  const cloakroom = createCloakroom({
    audit: false,
    rateLimit: { rules: accountRules },
    roles: { permissions: accountRolePermissions },
  })
  const publicUrl = `http://localhost:${PORT}`
  const accounts = await createAccounts({
    cloakroom,
    publicUrl,
    theme: { name: 'Reading room' },
  })
  const email = 'admin@library.example'
  const admin = await accounts.firstAdmin({ email })

  const answerAccounts = accounts.express()
  const listener = createListener(cloakroom, await readBuilt())
  const server = createServer((request, response) =>
    answerAccounts(request, response, error => {
      if (error === undefined) listener(request, response)
      else response.destroy(error)
    }),
  )
  server.listen(Number(PORT))
  await once(server, 'listening')
  console.log(`
  The reading room is open at   ${publicUrl}
  Administrator                 ${email}
  Password                      ${admin.ok ? admin.password : 'as chosen before'}

  The password must be changed at the first sign-in. Mails are printed below. Stop with Ctrl+C.
`)
  const stop = () => {
    server.close(() => accounts.close().then(() => cloakroom.close()))
    setTimeout(() => server.closeAllConnections(), 3000).unref()
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
}

main().catch(error => {
  console.error(error.code === 'EADDRINUSE' ? `Port ${PORT} is taken.` : error.message)
  process.exit(1)
})
