import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { createHttpClient } from '../support/http-client.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const example = 'examples/accounts'
const cleanUps: (() => Promise<unknown>)[] = []

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp()
})

async function findPort(): Promise<number> {
  const server = createServer().listen(0)
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** Builds and starts the example, and gives its address and what it printed. */
async function start(): Promise<{ readonly origin: string; readonly printed: string }> {
  const port = await findPort()
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-b', example], { cwd: root })
  const child = spawn(process.execPath, [`${example}/dist/server.js`], {
    cwd: root,
    env: { ...process.env, PORT: String(port), DATABASE_URL: '' },
  })
  const ended = once(child, 'close')
  cleanUps.push(async () => {
    child.kill('SIGTERM')
    await ended
  })
  let printed = ''
  child.stdout.on('data', chunk => {
    printed += chunk
  })
  while (!printed.includes('Stop with Ctrl+C') && child.exitCode === null) {
    await Promise.race([once(child.stdout, 'data'), ended])
  }
  return { origin: `http://localhost:${port}`, printed }
}

describe('the example of accounts', () => {
  it('lets the first administrator in, who has to choose a password', async () => {
    const { origin, printed } = await start()
    const password = /(?<=Password\s+)\S+/.exec(printed)?.[0] ?? ''
    const browser = createHttpClient(origin)
    const members = await browser.send('/members')
    expect(members.headers.get('location')).toBe('/login?next=%2Fmembers')
    const send = async (page: string, fields: Readonly<Record<string, string>>) => {
      const text = await (await browser.send(page)).text()
      const _csrf = /name="_csrf" value="([^"]+)"/.exec(text)?.[1] ?? ''
      const body = new URLSearchParams({ _csrf, ...fields })
      const answer = await browser.send(page.split('?')[0] ?? '', { method: 'POST', body })
      return answer.headers.get('location') ?? ''
    }
    const email = 'admin@shop.example'
    const reset = await send('/login', { email, password })
    expect(reset).toMatch(/^\/reset\?token=/)
    const token = new URLSearchParams(reset.split('?')[1]).get('token') ?? ''
    const chosen = 'pelican over gravel 9'
    expect(await send(reset, { token, 'new-password': chosen })).toBe('/login?done=reset')
    const next = '/members'
    expect(await send('/login', { email, password: chosen, next })).toBe(next)
    expect(await (await browser.send(next)).text()).toContain('Only members see this.')
  })
})
