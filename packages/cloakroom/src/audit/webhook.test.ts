import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { importKey } from '../crypto/digest.ts'
import { createEventHub } from '../events/hub.ts'
import { createWebhook, signWebhook, type WebhookOptions } from './webhook.ts'

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const key = importKey(Buffer.from(secret.slice(6), 'base64'))

describe('signWebhook', () => {
  it('signs as the example of the Standard Webhooks', () => {
    const message = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestamp: '1614265330',
      body: '{"test": 2432232314}',
    }
    expect(signWebhook(key, message)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=')
  })
})

describe('createWebhook', () => {
  let server: Server
  let url: string
  let received: { headers: IncomingHttpHeaders; body: string }[]
  /** What the receiver answers, in order; 200 when there is nothing left. */
  let answers: number[]
  beforeEach(async () => {
    received = []
    answers = []
    server = createServer(async (request, response) => {
      let body = ''
      for await (const part of request) body += String(part)
      received.push({ headers: request.headers, body })
      response.writeHead(answers.shift() ?? 200, { location: '/elsewhere' }).end()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`
  })
  afterEach(() => {
    server.close()
    server.closeAllConnections()
  })

  const clock = createManualClock()
  const open = (options: Partial<WebhookOptions> = {}) =>
    createWebhook({ url, secret, retryAfter: '2ms', clock, ...options })

  it('sends an event with a signature that the receiver can check', async () => {
    const webhook = open()
    webhook.listener({ type: 'auth_failure', at: clock.now(), userId: 'alice' })
    await webhook.settled()
    const [{ headers, body } = { headers: {}, body: '' }] = received
    const id = String(headers['webhook-id'])
    const timestamp = String(headers['webhook-timestamp'])
    expect(timestamp).toBe(String(clock.now() / 1000))
    expect(headers['webhook-signature']).toBe(signWebhook(key, { id, timestamp, body }))
    expect(JSON.parse(body)).toMatchObject({
      type: 'auth_failure',
      timestamp: '2026-01-01T00:00:00.000Z',
      data: { user_id: 'alice' },
    })
    expect(webhook.counts()).toEqual({ pending: 0, delivered: 1, lost: 0 })
  })

  it('tries again under the same id, and keeps the order', async () => {
    answers = [500, 302, 429]
    const webhook = open()
    webhook.listener({ type: 'auth_failure', at: 0 })
    webhook.listener({ type: 'auth_success', at: 0 })
    await webhook.settled()
    expect(received.map(({ body }) => JSON.parse(body).type)).toEqual([
      ...Array(4).fill('auth_failure'),
      'auth_success',
    ])
    expect(new Set(received.map(({ headers }) => headers['webhook-id'])).size).toBe(2)
    expect(webhook.counts()).toEqual({ pending: 0, delivered: 2, lost: 0 })
  })

  it('gives an event up in the end', async () => {
    answers = [500, 500, 500]
    const webhook = open({ attempts: 3 })
    webhook.listener({ type: 'auth_failure', at: 0 })
    webhook.listener({ type: 'auth_success', at: 0 })
    await webhook.settled()
    expect(webhook.counts()).toEqual({ pending: 0, delivered: 1, lost: 1 })
  })

  it('counts what it cannot hold, and breaks no request', async () => {
    const webhook = open({ maxPending: 2 })
    const errors: unknown[] = []
    const hub = createEventHub({ clock, onListenerError: error => errors.push(error) })
    hub.on(webhook.listener)
    for (let count = 0; count < 5; count += 1) hub.emit({ type: 'auth_failure' })
    expect(webhook.counts()).toEqual({ pending: 2, delivered: 0, lost: 3 })
    await webhook.settled()
    expect(webhook.counts()).toEqual({ pending: 0, delivered: 2, lost: 3 })
    expect(errors).toEqual([])
  })

  it('sends the kinds it is told to', async () => {
    const webhook = open({ types: ['auth_failure'] })
    webhook.listener({ type: 'auth_success', at: 0 })
    webhook.listener({ type: 'auth_failure', at: 0 })
    await webhook.settled()
    expect(received.map(({ body }) => JSON.parse(body).type)).toEqual(['auth_failure'])
  })

  it('stops when it is closed, in the middle of a pause too', async () => {
    answers = [500]
    const webhook = open({ retryAfter: '1h' })
    webhook.listener({ type: 'auth_failure', at: 0 })
    webhook.listener({ type: 'auth_success', at: 0 })
    await expect.poll(() => received.length).toBe(1)
    webhook.close()
    await webhook.settled()
    webhook.listener({ type: 'auth_success', at: 0 })
    expect(webhook.counts()).toEqual({ pending: 0, delivered: 0, lost: 3 })
    expect(received).toHaveLength(1)
  })

  it.each<[Partial<WebhookOptions>, RegExp]>([
    [{ url: 'http://example.com/' }, /webhook.url/],
    [{ url: 'hook' }, /webhook.url/],
    [{ secret: 'whsec_c2hvcnQ=' }, /webhook.secret/],
    [{ attempts: 0 }, /webhook.attempts/],
    [{ uri: 'https://example.com' } as object, /webhook.uri/],
  ])('refuses %j', (options, message) => {
    expect(() => open(options)).toThrow(message)
  })
})
