import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SeenRequest } from '../support/gateway-app.ts'
import {
  createGatewayGround,
  type GatewayBrowser,
  type GatewayGround,
  productionConfig,
  sendRaw,
} from '../support/gateway-ground.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

let redis: RedisServer
let ground: GatewayGround
let ada: GatewayBrowser
beforeAll(async () => {
  redis = await startRedis()
  ground = await createGatewayGround({
    ...productionConfig(redis.url),
    headers: { 'X-WEBAUTH-USER': 'email' },
    rules: [
      { path: '/open/**', allow: 'public' },
      { path: '/**', allow: 'signed-in' },
    ],
  })
  ada = await ground.signIn()
})
afterAll(async () => {
  await ground.close()
  await redis.stop()
})

const forged = 'forged-by-a-client'

const names = [
  ...['user', 'email', 'name', 'roles', 'session', 'jwt', 'anything'].map(
    each => `x-cloakroom-${each}`,
  ),
  'x-webauth-user',
  ...['for', 'proto', 'host', 'uri', 'prefix', 'method', 'port', 'user'].map(
    each => `x-forwarded-${each}`,
  ),
  'forwarded',
  'x-real-ip',
  'x-original-url',
  'x-original-uri',
  'x-rewrite-url',
  'x-http-method-override',
]

/** A name as somebody may spell it who wants another server to take it for the true one. */
const spelling = fc
  .record({
    name: fc.constantFrom(...names),
    separators: fc.array(fc.constantFrom('-', '_', '.', '~'), { minLength: 5, maxLength: 5 }),
    upper: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  })
  .map(({ name, separators, upper }) => {
    let dash = 0
    return [...name]
      .map((letter, at) => {
        if (letter === '-') return separators[dash++ % separators.length] ?? '-'
        return upper[at % upper.length] === true ? letter.toUpperCase() : letter
      })
      .join('')
  })

/** Pairs, so that a name may come twice. */
const forgery = fc
  .array(spelling, { minLength: 1, maxLength: 6 })
  .map(given => given.flatMap(name => [name, forged, name, forged]))

/** Names that begin with ours however they are read must be ours. */
function foreignNames({ rawHeaders }: SeenRequest): readonly string[] {
  const folded = rawHeaders.filter((_, at) => at % 2 === 0).map(name => name.toLowerCase())
  return folded.filter(name => /[_.~]/.test(name) && /^x.(cloakroom|forwarded|webauth)/.test(name))
}

async function send(
  path: string,
  cookie: string,
  headers: readonly string[],
): Promise<SeenRequest> {
  const host = new URL(ground.origin).host
  const all = ['host', host, 'cookie', cookie, ...headers]
  const answer = await sendRaw(ground.port, path, { headers: all as never })
  expect(answer.status).toBe(200)
  const seen = ground.app.seen.at(-1)
  if (seen === undefined) throw new Error('The app was not asked.')
  return seen
}

function expectTruth(seen: SeenRequest, email: string | undefined): void {
  expect(JSON.stringify(seen.rawHeaders)).not.toContain(forged)
  expect(foreignNames(seen)).toEqual([])
  const { headers } = seen
  expect(headers['x-cloakroom-email']).toBe(email)
  expect(headers['x-webauth-user']).toBe(email)
  expect(headers['x-forwarded-for']).toBe('127.0.0.1')
}

describe('headers that only the gateway may send', () => {
  const cookie = (): string => [...ada.jar].map(pair => pair.join('=')).join('; ')

  it('are the truth to an app that is asked for somebody', async () => {
    await fc.assert(
      fc.asyncProperty(forgery, async headers => {
        expectTruth(await send('/page', cookie(), headers), 'ada@example.org')
      }),
      { numRuns: 60 },
    )
  })

  it('are not there for a visitor, on public pages', async () => {
    await fc.assert(
      fc.asyncProperty(forgery, async headers => {
        expectTruth(await send('/open/page', 'a=b', headers), undefined)
      }),
      { numRuns: 60 },
    )
  })

  it('are the truth on WebSockets', async () => {
    await fc.assert(
      fc.asyncProperty(forgery, async headers => {
        const given = Object.fromEntries(
          headers.flatMap((name, at) => (at % 2 === 0 ? [[name, forged]] : [])),
        )
        const socket = await ada.open('/live', { headers: given })
        socket.terminate()
        expectTruth(ground.app.seen.at(-1) as SeenRequest, 'ada@example.org')
      }),
      { numRuns: 30 },
    )
  })

  it('cannot be taken away by naming them as those of the connection', async () => {
    const connection = 'keep-alive, X-Cloakroom-Email, X-Forwarded-For, Host, Cookie'
    expectTruth(await send('/page', cookie(), ['connection', connection]), 'ada@example.org')
  })
})
