import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import {
  cookieOf,
  createStreamlitGround,
  expectValue,
  type StreamlitGround,
  signIn,
  untilRun,
} from './ground.ts'

const mega = 1024 * 1024

let ground: StreamlitGround
let page: Page
let folder: string

beforeAll(async () => {
  ground = await createStreamlitGround({
    settings: { 'server.maxUploadSize': '160', 'server.enableWebsocketCompression': 'true' },
  })
  await ground.addAccount('ada@example.org')
  page = await ground.browsing.newVisitor()
  await page.goto('/')
  await signIn(page, 'ada@example.org')
  await untilRun(page)
  folder = await mkdtemp(join(tmpdir(), 'cloakroom-uploads-'))
})
afterAll(async () => {
  await ground?.close()
  await rm(folder, { recursive: true, force: true })
})

async function fileOf(name: string, bytes: number): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, Buffer.alloc(bytes, 'x'))
  return path
}

describe('uploads [F 3]', () => {
  it('arrive, small and large, and can be taken back', async () => {
    const input = page.locator('input[type=file]')
    await input.setInputFiles(await fileOf('small.txt', 1024))
    await expectValue(page, 'uploaded', ['small.txt', 1024])
    await input.setInputFiles(await fileOf('large.bin', 150 * mega))
    await expectValue(page, 'uploaded', ['large.bin', 150 * mega])
    const removed = page.waitForResponse(answer => answer.request().method() === 'DELETE')
    await page.getByRole('button', { name: 'Remove large.bin' }).click()
    expect((await removed).status()).toBe(204)
    await expectValue(page, 'uploaded', null)
  })

  it('that are too large are refused by the app, and its answer arrives', async () => {
    const sent = page.waitForRequest(request => request.method() === 'PUT')
    await page.locator('input[type=file]').setInputFiles(await fileOf('again.txt', 10))
    const url = (await sent).url()
    const headers = { 'X-Xsrftoken': (await xsrfCookie()) ?? '' }
    const status = await page.evaluate(
      async given => {
        const body = new FormData()
        body.append('file', new Blob([new Uint8Array(given.bytes)]), 'huge.bin')
        return (await fetch(given.url, { method: 'PUT', headers: given.headers, body })).status
      },
      { url, headers, bytes: 170 * mega },
    )
    expect(status).toBe(413)
  })

  it('keep the app’s own cookie against forgery byte by byte', async () => {
    expect(await xsrfCookie()).toMatch(/^2\|[0-9a-f]+\|[0-9a-f]+\|\d+$/)
  })
})

async function xsrfCookie(): Promise<string | undefined> {
  const cookies = await page.context().cookies()
  return cookies.find(({ name }) => name === '_streamlit_xsrf')?.value
}

describe('what apps show [F 4]', () => {
  it('is downloaded whole', async () => {
    const downloading = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download' }).click()
    const stream = await (await downloading).createReadStream()
    let bytes = 0
    for await (const chunk of stream) bytes += chunk.length
    expect(bytes).toBe(10_000)
  })

  it('is loaded: a picture, parts of a video, static files', async () => {
    await page.getByText('Media').click()
    const picture = page.locator('img[src*="/media/"]').first()
    await expect.poll(async () => (await picture.boundingBox())?.width ?? 0).toBeGreaterThan(0)
    const source = await page.locator('video').getAttribute('src')
    const part = await page.evaluate(async url => {
      const answer = await fetch(url, { headers: { range: 'bytes=256-259' } })
      return { status: answer.status, bytes: [...new Uint8Array(await answer.arrayBuffer())] }
    }, source ?? '')
    expect(part).toEqual({ status: 206, bytes: [0, 1, 2, 3] })
    expect((await page.request.get('/app/static/dot.png')).status()).toBe(200)
  })

  it('is made by components of both kinds', async () => {
    await page.getByText('Components').click()
    await page.frameLocator('iframe[title*="greet"]').getByText('component v1').waitFor()
    await page.getByText('component v2').waitFor()
  })
})

describe('messages [F 5]', () => {
  it('may be of 120 MB', async () => {
    const large = await ground.browsing.newVisitor()
    await large.context().addCookies(await page.context().cookies())
    let most = 0
    large.on('websocket', socket =>
      socket.on('framereceived', ({ payload }) => {
        most = Math.max(most, payload.length)
      }),
    )
    await large.goto('/')
    await untilRun(large)
    await large.getByText('Large').first().click()
    await expect.poll(() => most, { timeout: 60_000 }).toBeGreaterThan(119_000_000)
    await large.close()
  }, 120_000)

  it('are compressed where the app wants them to be', async () => {
    const socket = await connect(ground.origin)
    expect(socket.extensions).toContain('permessage-deflate')
    socket.terminate()
  })

  it('that the app does not want close the socket as without the gateway', async () => {
    const direct = ground.apps[0]?.url ?? ''
    for (const message of ['text', Buffer.alloc(26 * mega)]) {
      const codes = await Promise.all([direct, ground.origin].map(url => closedAfter(url, message)))
      expect(codes[0]).toBe(codes[1])
    }
  })
})

async function connect(url: string): Promise<WebSocket> {
  const headers = { cookie: await cookieOf(page) }
  const socket = new WebSocket(`${url.replace('http', 'ws')}/_stcore/stream`, ['streamlit'], {
    origin: url,
    headers,
  })
  await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
  return socket
}

/** The code that a socket is closed with after a message. */
async function closedAfter(url: string, message: string | Buffer): Promise<number> {
  const socket = await connect(url)
  socket.on('error', () => undefined)
  const closed = new Promise<number>(resolve => socket.once('close', resolve))
  socket.send(message)
  return closed
}
