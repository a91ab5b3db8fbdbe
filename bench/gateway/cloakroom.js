// The gateway with its defaults, and people who are signed in.
import { createGateway } from '@cloakroom/gateway'
import { cookieSecret, secret } from '../harness/server.js'
import { endWithStarter } from '../harness/worker.js'

const [appPort, ownPort, people] = process.argv.slice(2).map(Number)

endWithStarter()
const gateway = await createGateway({
  to: `http://127.0.0.1:${appPort}`,
  // Without TLS in front.
  dev: true,
  listen: { port: ownPort },
  redis: process.env.REDIS_URL,
  secret,
  cookieSecret,
})
await gateway.listen()
const { cloakroom, stores } = gateway.engine
const client = { ip: '127.0.0.1', host: `localhost:${ownPort}`, isSecure: false, isLoopback: true }
const cookies = await Promise.all(Array.from({ length: people }, (_, number) => signIn(number)))
process.send({ port: ownPort, cookies })

async function signIn(number) {
  const id = `person-${number}`
  const email = `${id}@example.org`
  await stores.accounts.create({
    id,
    login: email,
    email,
    name: `Person ${number}`,
    role: 'user',
    status: 'active',
    passwordHash: null,
    passwordExpiresAt: null,
    createdAt: 0,
  })
  const { token } = await cloakroom.sessions.create({ id, role: 'user' })
  return cloakroom.sessionCookie.write(token, { client, expiresAt: null }).split(';', 1)[0]
}
