import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accountRolePermissions, accountRules, createAccounts } from '@cloakroom/accounts'
import { type Cloakroom, createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import { createApp } from './app.ts'

const { PORT = '3000', REDIS_URL, DATABASE_URL } = process.env
const email = 'admin@cloakroom.example'

async function main(): Promise<void> {
  if (REDIS_URL && !URL.canParse(REDIS_URL)) {
    throw new Error('REDIS_URL is no address such as redis://localhost:6379.')
  }
  const server = createServer().listen(Number(PORT))
  await once(server, 'listening')
  const origin = `http://localhost:${(server.address() as AddressInfo).port}`

  const cloakroom = createCloakroom({
    ...(REDIS_URL && { redis: createClient({ url: REDIS_URL }) }),
    env: { ...demoSecrets(), ...process.env },
    rateLimit: { rules: accountRules },
    roles: { permissions: accountRolePermissions },
  })
  const accounts = await createAccounts({
    cloakroom,
    publicUrl: origin,
    theme: { name: 'Cloakroom', logo: '/logo.svg', accent: '#155e4d', accentDark: '#78d0b6' },
    ...(DATABASE_URL && { store: { url: DATABASE_URL } }),
  })
  const admin = await accounts.firstAdmin({ email })
  server.on('request', createApp({ cloakroom, accounts }))
  console.log(`
  Cloakroom is open at  ${origin}
  Administrator         ${email}
  Password              ${admin.ok ? admin.password : 'as chosen before'}
  Sessions are kept     ${await describeStore(cloakroom)}
  Accounts are kept by  ${accounts.storage}

  The password is good for one sign-in, at which another one is chosen. Mails and security events
  are written below. Stop with Ctrl+C.
`)

  const stop = () => {
    server.close(async () => {
      await accounts.close()
      await cloakroom.close()
      console.log('\n  Cloakroom is closed.')
    })
    setTimeout(() => server.closeAllConnections(), 3000).unref()
  }
  process.once('SIGINT', stop).once('SIGTERM', stop)
}

/** Without lasting secrets, sessions in Redis can be read until this process ends. */
function demoSecrets(): NodeJS.ProcessEnv {
  if (process.env['NODE_ENV'] === 'production') return {}
  const random = () => randomBytes(33).toString('base64')
  return { SESSION_SECRET_KEY: random(), COOKIE_SECRET_KEY: random() }
}

async function describeStore(cloakroom: Cloakroom): Promise<string> {
  const health = await cloakroom.checkHealth()
  if (health === null) return 'in the memory of this process. Set REDIS_URL to keep them in Redis.'
  const { ok, version, warnings } = health
  const { host } = new URL(REDIS_URL ?? '')
  const store = ok ? `Redis ${version ?? ''} at ${host}` : `Redis at ${host}, which does not answer`
  return [`in ${store}`, ...warnings].join('\n  Note                  ')
}

main().catch((error: NodeJS.ErrnoException) => {
  const isTaken = error.code === 'EADDRINUSE'
  console.error(
    isTaken ? `Port ${PORT} is taken. Choose another one: PORT=3001 npm start` : error.message,
  )
  process.exit(1)
})
