import { once } from 'node:events'
import { Agent, request as sendRequest } from 'node:http'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { createGatewayGround, type GatewayGround } from '../support/gateway-ground.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const people = 50
const socketCount = 500
const messages = 5
const requestsAtOnce = 50

let redis: RedisServer
let ground: GatewayGround
let cookies: readonly string[]

beforeAll(async () => {
  redis = await startRedis()
  ground = await createGatewayGround({ redis: redis.url })
  cookies = await Promise.all(Array.from({ length: people }, (_, number) => signIn(number)))
}, 30_000)

afterAll(async () => {
  await ground.close()
  await redis.stop()
})

const emailOf = (number: number): string => `person-${number}@example.org`

/** Gives the cookie of somebody's session. */
async function signIn(number: number): Promise<string> {
  const { sessions, sessionCookie } = ground.gateway.engine.cloakroom
  const id = await ground.addAccount({ email: emailOf(number) })
  const { token } = await sessions.create({ id, role: 'user' })
  const client = {
    ip: '127.0.0.1',
    host: `localhost:${ground.port}`,
    isSecure: false,
    isLoopback: true,
  }
  return sessionCookie.write(token, { client, expiresAt: null }).split(';', 1)[0] ?? ''
}

async function openSocket(number: number): Promise<WebSocket> {
  const headers = { host: `localhost:${ground.port}`, cookie: cookies[number % people] ?? '' }
  const socket = new WebSocket(`ws://127.0.0.1:${ground.port}/live`, {
    origin: ground.origin,
    headers,
  })
  await once(socket, 'open')
  return socket
}

/** Sends messages, each when the one before is back; gives what came back. */
async function talk(socket: WebSocket, number: number): Promise<readonly string[]> {
  const heard: string[] = []
  socket.on('message', data => heard.push(data.toString()))
  for (let round = 0; round < messages; round += 1) {
    const answered = once(socket, 'message')
    socket.send(`${number}:${round}`)
    await answered
  }
  return heard
}

/** What the app was asked, and for whom, as it says itself. */
async function ask(agent: Agent, number: number): Promise<string> {
  const headers = { host: `localhost:${ground.port}`, cookie: cookies[number % people] }
  const path = `/${number}`
  const outgoing = sendRequest({ agent, host: '127.0.0.1', port: ground.port, path, headers }).end()
  const [answer] = await once(outgoing, 'response')
  let text = ''
  for await (const chunk of answer) text += chunk
  if (answer.statusCode !== 200) return `${answer.statusCode} ${text}`
  const asked = JSON.parse(text)
  return `${asked.url} ${asked.headers['x-cloakroom-email']}`
}

it('loses, refuses and mixes up nothing: 500 sockets, and as many requests as go meanwhile', async () => {
  const sockets = await Promise.all(Array.from({ length: socketCount }, (_, at) => openSocket(at)))
  const agent = new Agent({ keepAlive: true, maxSockets: requestsAtOnce })
  let isTalking = true
  let asked = 0
  const wrong: string[] = []

  async function askOn(): Promise<void> {
    while (isTalking) {
      const number = asked++
      const said = await ask(agent, number)
      if (said !== `/${number} ${emailOf(number % people)}`) wrong.push(`${number}: ${said}`)
    }
  }

  try {
    const asking = Array.from({ length: requestsAtOnce }, askOn)
    const heard = await Promise.all(sockets.map(talk))
    isTalking = false
    await Promise.all(asking)
    const sent = sockets.map((_, number) =>
      Array.from({ length: messages }, (_, round) => `${number}:${round}`),
    )
    expect(heard).toEqual(sent)
    expect(wrong).toEqual([])
    expect(asked).toBeGreaterThan(requestsAtOnce)
    expect(sockets.filter(({ readyState }) => readyState !== WebSocket.OPEN)).toEqual([])
    expect(ground.app.sockets.size).toBe(socketCount)
  } finally {
    isTalking = false
    agent.destroy()
    for (const socket of sockets) socket.terminate()
  }
}, 120_000)
