import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createGatewayGround,
  type GatewayBrowser,
  type GatewayGround,
} from '../support/gateway-ground.ts'

let ground: GatewayGround
let ada: GatewayBrowser
beforeAll(async () => {
  ground = await createGatewayGround({ rules: [{ path: '/open/**', allow: 'public' }] })
  ada = await ground.signIn()
})
afterAll(() => ground.close())

/** Sends bytes as they are, and gives what comes back within a moment. */
async function sendBytes(text: string): Promise<string> {
  const socket = connect(ground.port, '127.0.0.1')
  let answer = ''
  socket.on('data', chunk => {
    answer += chunk
  })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(text, 'latin1')
  const timer = setTimeout(() => socket.destroy(), 500)
  await once(socket, 'close')
  clearTimeout(timer)
  return answer
}

const hidden = 'GET /secret HTTP/1.1\r\nHost: app\r\nX-Cloakroom-User: root\r\n\r\n'

/** Each would be one request to the gateway and two to an app that counts its bytes otherwise. */
const smuggling: readonly (readonly [string, readonly string[], string])[] = [
  [
    'both a length and chunks',
    ['Content-Length: 4', 'Transfer-Encoding: chunked'],
    `0\r\n\r\n${hidden}`,
  ],
  ['two lengths', ['Content-Length: 0', `Content-Length: ${hidden.length}`], hidden],
  ['a list of lengths', [`Content-Length: 0, ${hidden.length}`], hidden],
  ['a length with a sign', [`Content-Length: +${hidden.length}`], hidden],
  ['chunks by another name', ['Transfer-Encoding: xchunked'], `0\r\n\r\n${hidden}`],
  [
    'chunks said twice',
    ['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'],
    `0\r\n\r\n${hidden}`,
  ],
  ['chunks after a tab', ['Transfer-Encoding:\tchunked\x0b'], `0\r\n\r\n${hidden}`],
  ['a folded header', ['X: a\r\n Transfer-Encoding: chunked'], `0\r\n\r\n${hidden}`],
  ['a bare line feed', ['X: a\nTransfer-Encoding: chunked'], `0\r\n\r\n${hidden}`],
  ['a space before the colon', ['Transfer-Encoding : chunked'], `0\r\n\r\n${hidden}`],
  [
    'a chunk of a size that is none',
    ['Transfer-Encoding: chunked'],
    `0x1\r\na\r\n0\r\n\r\n${hidden}`,
  ],
]

describe('a request that hides another one', () => {
  it.each(smuggling)('with %s brings nothing hidden to the app', async (_how, headers, body) => {
    const before = ground.app.seen.length
    const { host } = new URL(ground.origin)
    const cookie = [...ada.jar].map(pair => pair.join('=')).join('; ')
    const head = ['POST /open/form HTTP/1.1', `Host: ${host}`, `Cookie: ${cookie}`, ...headers]
    await sendBytes(`${head.join('\r\n')}\r\n\r\n${body}`)
    const seen = ground.app.seen.slice(before)
    expect(seen.map(({ url }) => url).filter(url => url !== '/open/form')).toEqual([])
    expect(JSON.stringify(seen)).not.toContain('root')
    expect(seen.length).toBeLessThanOrEqual(1)
  })

  it('by asking to be upgraded to another protocol opens no tunnel', async () => {
    const before = ground.app.seen.length
    const { host } = new URL(ground.origin)
    const head = `GET /open/x HTTP/1.1\r\nHost: ${host}\r\nOrigin: ${ground.origin}\r\n`
    const upgrade =
      'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n'
    expect(await sendBytes(`${head}${upgrade}${hidden}`)).toMatch(/^HTTP\/1.1 400 /)
    expect(ground.app.seen).toHaveLength(before)
  })

  it('in a response of its own is not shown by TRACE', async () => {
    const { host } = new URL(ground.origin)
    const answer = await sendBytes(`TRACE /open/x HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
    expect(answer).toMatch(/^HTTP\/1.1 405 /)
  })
})
