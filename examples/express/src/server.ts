import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Cloakroom, createCloakroom, createEventCounter } from 'cloakroom'
import { createClient } from 'redis'
import { createApp } from './app.ts'
import { createUsers } from './users.ts'

const { PORT = '3000', REDIS_URL } = process.env

async function main(): Promise<void> {
  if (REDIS_URL && !URL.canParse(REDIS_URL)) {
    throw new Error('REDIS_URL is no address such as redis://localhost:6379.')
  }
  const cloakroom = createCloakroom({
    ...(REDIS_URL && { redis: createClient({ url: REDIS_URL }) }),
    env: { ...demoSecrets(), ...process.env },
  })
  const eventCounter = createEventCounter()
  cloakroom.events.on(eventCounter.listener)
  const users = createUsers()
  const password = randomBytes(12).toString('base64url')
  await users.register('admin', password, 'admin')

  const server = createServer(createApp({ cloakroom, users, eventCounter }))
  server.listen(Number(PORT))
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  console.log(`
  Cloakroom is open at  http://localhost:${port}
  Administrator         admin
  Password              ${password}
  Sessions are kept     ${await describeStore(cloakroom)}

  Each security event is written below as a line of JSON. Stop with Ctrl+C.
`)

  const stop = () => {
    server.close(() => {
      cloakroom.close()
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
