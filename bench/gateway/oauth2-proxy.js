// oauth2-proxy, built from the Go module proxy, with sessions in Redis that came about by signing in
// at a provider. Its log of requests is off; like the gateway it passes on a signed token.
import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { cores, pinned } from '../harness/machine.js'
import { findFreePort } from '../harness/redis.js'
import { startWorker } from '../harness/worker.js'

const cache = fileURLToPath(new URL('../../.cache/', import.meta.url))
const client = { id: 'proxy', secret: 'a-client-secret-for-measuring-only' }
const providerFile = fileURLToPath(new URL('./provider.js', import.meta.url))
const program = `${cache}bin/oauth2-proxy`

/** Builds it unless it is there; false where that cannot be done. */
export function hasOauth2Proxy() {
  if (existsSync(program)) return true
  const env = { ...process.env, GOPATH: `${cache}go`, GOBIN: `${cache}bin`, GOFLAGS: '-modcacherw' }
  const args = ['install', 'github.com/oauth2-proxy/oauth2-proxy/v7@latest']
  spawnSync('go', args, { env, stdio: ['ignore', 'ignore', 'inherit'] })
  return existsSync(program)
}

/** Starts it, and signs people in. */
export async function startOauth2Proxy({ node, appPort, redis, people }) {
  const port = await findFreePort()
  const origin = `http://localhost:${port}`
  const callback = `${origin}/oauth2/callback`
  const provider = await startWorker(providerFile, {
    node,
    core: cores.measuring,
    args: [client.id, client.secret, callback],
  })
  const flags = [
    '--provider=oidc',
    `--oidc-issuer-url=${provider.ready.issuer}`,
    `--client-id=${client.id}`,
    `--client-secret=${client.secret}`,
    `--redirect-url=${callback}`,
    '--scope=openid email',
    '--code-challenge-method=S256',
    `--cookie-secret=${randomBytes(16).toString('hex')}`,
    '--cookie-secure=false',
    '--email-domain=*',
    '--skip-provider-button',
    '--session-store-type=redis',
    `--redis-connection-url=${redis.url}`,
    '--pass-authorization-header',
    `--http-address=127.0.0.1:${port}`,
    `--upstream=http://127.0.0.1:${appPort}`,
    ...['request', 'auth', 'standard'].map(name => `--${name}-logging=false`),
  ]
  const child = spawn(...pinned(cores.measured, [program, ...flags]), {
    stdio: 'ignore',
  })
  const exited = once(child, 'exit')
  async function stop() {
    child.kill('SIGKILL')
    await exited
    await provider.stop()
  }
  try {
    await untilAnswered(`${origin}/ping`, child)
    const cookies = []
    while (cookies.length < people) cookies.push(await signIn(origin))
    return { pid: child.pid, port, cookies, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function untilAnswered(url, child) {
  for (let attempt = 0; attempt < 100 && child.exitCode === null; attempt += 1) {
    if (
      await fetch(url).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      return
    await delay(100)
  }
  throw new Error('oauth2-proxy does not answer.')
}

/** What a browser would do, up to the cookie of the session. */
async function signIn(origin) {
  const jars = new Map()
  let at = new URL('/', origin)
  for (let step = 0; step < 10; step += 1) {
    const jar = jars.get(at.host) ?? new Map()
    jars.set(at.host, jar)
    const cookie = [...jar].map(pair => pair.join('=')).join('; ')
    const answer = await fetch(at, { redirect: 'manual', headers: { cookie } })
    await answer.arrayBuffer()
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)
      if (value === '') jar.delete(name)
      else jar.set(name, value)
    }
    if (answer.ok) return `_oauth2_proxy=${jar.get('_oauth2_proxy')}`
    const location = answer.headers.get('location')
    if (location === null) throw new Error(`${at.pathname} is answered by ${answer.status}.`)
    at = new URL(location, at)
  }
  throw new Error('The sign-in goes round in circles.')
}
