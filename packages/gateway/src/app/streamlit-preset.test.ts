import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createGatewayGround,
  type GatewayBrowser,
  type GatewayGround,
} from '../../../../test/support/gateway-ground.ts'

let ground: GatewayGround
let ada: GatewayBrowser
let bob: GatewayBrowser
beforeEach(async () => {
  ground = await createGatewayGround({ preset: 'streamlit' })
  ada = await ground.signIn()
  bob = await ground.signIn({ email: 'bob@example.org' })
})
afterEach(() => ground.close())

const stream = '/_stcore/stream'

/** Has the app send what Streamlit says when it begins a session for somebody. */
async function beginState(browser: GatewayBrowser, split = 0): Promise<string> {
  const name = randomUUID()
  const socket = await browser.open(stream, { protocols: ['streamlit', 'token'] })
  const bytes = Buffer.from(`2&$${name}8`)
  for (const part of split > 0 ? [bytes.subarray(0, split), bytes.subarray(split)] : [bytes]) {
    socket.send(part)
    await once(socket, 'message')
  }
  socket.terminate()
  return name
}

/** The subprotocols that the app was offered. */
async function resume(browser: GatewayBrowser, name: string): Promise<string | undefined> {
  const socket = await browser.open(stream, { protocols: ['streamlit', 'token', name] })
  socket.terminate()
  return ground.app.seen.at(-1)?.headers['sec-websocket-protocol']
}

describe('the state that an app keeps by name', () => {
  it('is resumed by whom it belongs to', async () => {
    const name = await beginState(ada)
    expect(await resume(ada, name)).toBe(`streamlit,token,${name}`)
  })

  it('never goes to another user', async () => {
    const name = await beginState(ada)
    expect(await resume(bob, name)).toBe('streamlit, token')
    expect(await resume(ada, name)).toBe(`streamlit,token,${name}`)
  })

  it('goes to nobody when it is not known whose it is', async () => {
    expect(await resume(ada, randomUUID())).toBe('streamlit, token')
  })

  it('outlives a sign-in of the same user, in the same tab', async () => {
    const name = await beginState(ada)
    await ada.submit('/_cloakroom/account', '/_cloakroom/logout', {})
    await bob.jar.clear()
    await bob.signIn('ada@example.org')
    expect(await resume(bob, name)).toBe(`streamlit,token,${name}`)
  })

  it('takes no uploads of another user', async () => {
    const name = await beginState(ada)
    const path = `/_stcore/upload_file/${name}/file`
    const upload = { method: 'PUT', body: 'text', headers: { origin: ground.origin } }
    expect((await bob.send(path, upload)).status).toBe(403)
    expect((await ada.send(path, upload)).status).toBe(200)
    expect(ground.app.seen.filter(({ method }) => method === 'PUT')).toHaveLength(1)
  })

  it('is left alone where the preset says nothing of it', async () => {
    const plain = await createGatewayGround()
    const browser = await plain.signIn()
    const socket = await browser.open('/', { protocols: ['a', 'b', 'c'] })
    socket.terminate()
    expect(plain.app.seen.at(-1)?.headers['sec-websocket-protocol']).toBe('a,b,c')
    await plain.close()
  })
})

describe('what Streamlit tells about itself', () => {
  it('is closed to everybody', async () => {
    expect((await ada.load('/_stcore/metrics')).status).toBe(403)
    expect((await ada.load('/_STCORE/Metrics')).status).toBe(403)
    expect(ground.app.seen.map(({ url }) => url)).toEqual([])
  })

  it('is passed on as far as the app needs it', async () => {
    expect((await ada.send('/_stcore/health')).status).toBe(200)
    expect((await ground.openBrowser().send('/_stcore/health')).status).toBe(401)
  })
})

describe('a page', () => {
  const tag = '<script src="/_cloakroom/watch.js" async></script>'

  function serve(headers: Record<string, string>, body = '<p>Hello</p>'): void {
    ground.app.answer = (_request, response) => !!response.writeHead(200, headers).end(body)
  }

  it('is given the watcher at its end', async () => {
    serve({ 'content-type': 'text/html', 'content-length': '12', etag: '"1"' })
    const { text, headers } = await ada.load('/', {
      'accept-encoding': 'gzip',
      'if-none-match': '"1"',
    })
    expect(text).toBe(`<p>Hello</p>${tag}`)
    expect([headers.etag, headers['content-length']]).toEqual([undefined, undefined])
    const asked = ground.app.seen.at(-1)?.headers
    expect([asked?.['accept-encoding'], asked?.['if-none-match']]).toEqual(['identity', undefined])
  })

  it.each([
    ['no page', { 'content-type': 'application/json' }],
    ['compressed all the same', { 'content-type': 'text/html', 'content-encoding': 'br' }],
    [
      'closed to scripts',
      { 'content-type': 'text/html', 'content-security-policy': "default-src 'none'" },
    ],
    [
      'closed to ours',
      {
        'content-type': 'text/html',
        'content-security-policy': "script-src 'strict-dynamic' 'self'",
      },
    ],
  ])('is left as it is when it is %s', async (_why, headers) => {
    serve(headers)
    expect((await ada.load('/')).text).toBe('<p>Hello</p>')
  })

  it.each([
    ["default-src 'self'", ''],
    ["img-src *; script-src 'nonce-abc'", ' nonce="abc"'],
  ])('is given it under the policy %s', async (policy, attribute) => {
    serve({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policy })
    expect((await ada.load('/')).text).toContain(`watch.js"${attribute} async>`)
  })

  it('is left as it is when a script asks for it', async () => {
    serve({ 'content-type': 'text/html' })
    const headers = { 'sec-fetch-mode': 'cors', accept: 'text/html' }
    expect((await ada.send('/', { headers })).text).toBe('<p>Hello</p>')
  })

  it('brings a script that any page may load', async () => {
    const { status, text, headers } = await ground.openBrowser().send('/_cloakroom/watch.js')
    expect([status, headers['content-type']]).toEqual([200, 'text/javascript'])
    expect(text).toContain('WebSocket')
  })

  it('is told at once when its session ends', async () => {
    const socket = await ada.open('/_cloakroom/watch')
    const closed = once(socket, 'close', { signal: AbortSignal.timeout(1000) })
    await ada.submit('/_cloakroom/account', '/_cloakroom/logout', {})
    expect((await closed)[0]).toBe(4001)
  })

  it('is told at once that it has no session', async () => {
    const socket = await ground.openBrowser().open('/_cloakroom/watch')
    const [code] = await once(socket, 'close')
    expect(code).toBe(4001)
  })

  it('of another site is told nothing', async () => {
    const opening = ada.open('/_cloakroom/watch', { origin: 'https://evil.example' })
    await expect(opening).rejects.toThrow('403')
  })

  it('does not keep a session alive by watching', async () => {
    const socket = await ada.open('/_cloakroom/watch')
    const closed = once(socket, 'close', { signal: AbortSignal.timeout(2000) })
    ground.clock.advance(3_700_000)
    expect((await closed)[0]).toBe(4001)
  })
})
