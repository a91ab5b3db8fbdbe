import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accountRolePermissions, accountRules, createAccounts } from '@cloakroom/accounts'
import { createCloakroom } from 'cloakroom'
import { createApp } from './app.ts'

const { PORT = '3000', DATABASE_URL } = process.env

async function main(): Promise<void> {
  const cloakroom = createCloakroom({
    audit: false,
    rateLimit: { rules: accountRules },
    roles: { permissions: accountRolePermissions },
  })
  const accounts = await createAccounts({
    cloakroom,
    publicUrl: `http://localhost:${PORT}`,
    theme: { name: 'Small shop' },
    ...(DATABASE_URL && { store: { url: DATABASE_URL } }),
  })
  const email = 'admin@shop.example'
  const admin = await accounts.firstAdmin({ email })

  const server = createServer(createApp({ cloakroom, accounts }))
  server.listen(Number(PORT))
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  console.log(`
  The shop is open at   http://localhost:${port}
  Administrator         ${email}
  Password              ${admin.ok ? admin.password : 'as chosen before'}
  Accounts are kept by  ${accounts.storage}

  The password must be changed at the first sign-in. Mails are printed below. Stop with Ctrl+C.
`)

  const stop = () => {
    server.close(() => accounts.close().then(() => cloakroom.close()))
    setTimeout(() => server.closeAllConnections(), 3000).unref()
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
}

main().catch((error: NodeJS.ErrnoException) => {
  const isTaken = error.code === 'EADDRINUSE'
  console.error(isTaken ? `Port ${PORT} is taken. Choose another one by PORT.` : error.message)
  process.exit(1)
})
