import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEchoApp } from '../../../../test/support/gateway-app.ts'
import { findFreePort } from '../../../../test/support/redis-server.ts'
import { runCommand } from './run.ts'
import { verbs } from './verbs.ts'

let folder: string
let printed: string[]
let warned: string[]
let stop: () => void
let stopped: Promise<void>
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloakroom-cli-'))
  printed = []
  warned = []
  stopped = new Promise(resolve => {
    stop = resolve
  })
})
afterEach(() => rm(folder, { recursive: true }))

const run = (line: string, env: Record<string, string> = {}): Promise<number> =>
  runCommand(line.split(' ').filter(Boolean), {
    print: text => printed.push(text),
    warn: text => warned.push(text),
    env,
    folder,
    stopped,
  })

const app = '--to http://localhost:8501 --preset streamlit --dev'

describe('cloakroom', () => {
  it('lists its verbs', async () => {
    expect(await run('')).toBe(0)
    for (const name of Object.keys(verbs))
      expect(printed.join('\n')).toMatch(new RegExp(`^ +${name} `, 'm'))
  })

  it.each(Object.keys(verbs))('tells how to use %s', async name => {
    expect(await run(`${name} --help`)).toBe(0)
    expect(printed.join()).toContain(`cloakroom ${name}`)
  })

  it('refuses a verb or flag that there is not', async () => {
    expect(await run('fly')).toBe(2)
    expect(await run('check --prot 1')).toBe(1)
    expect(warned.join()).toMatch(/`fly`.*`--.prot`/)
  })

  it('refuses to start in a way that is not safe', async () => {
    expect(await run('gateway --to http://localhost:8501')).toBe(1)
    expect(warned.join()).toMatch(/redis[\s\S]*secret[\s\S]*--dev/)
  })

  it('starts, says where, and stops', async () => {
    const echo = await startEchoApp()
    const port = await findFreePort()
    const running = run(`gateway --to ${echo.url} --preset streamlit --dev --port ${port}`)
    await expect
      .poll(() => printed.join('\n'), { timeout: 60_000 })
      .toContain('Not safe for others')
    const answer = await fetch(`http://localhost:${port}/_cloakroom/ready`)
    expect(await answer.json()).toEqual({ isReady: true })
    expect(printed.join('\n')).toMatch(/Password {14}\S{43} /)
    stop()
    expect(await running).toBe(0)
    await echo.close()
  }, 90_000)
})

describe('cloakroom check', () => {
  it('says that a configuration is sound', async () => {
    expect(await run(`check ${app}`)).toBe(0)
    expect(printed.join()).toContain('1 app(s), 2 rule(s)')
  })
})

describe('cloakroom init', () => {
  it('writes what only lacks names and addresses, once', async () => {
    expect(await run('init --to http://localhost:8501 --preset streamlit')).toBe(0)
    const env = await readFile(join(folder, '.env'), 'utf8')
    expect((await stat(join(folder, '.env'))).mode & 0o077).toBe(0)
    const variables = Object.fromEntries(
      env
        .trim()
        .split('\n')
        .map(line => line.split(/=(.*)/s).slice(0, 2)),
    )
    expect(await run('check', variables)).toBe(0)
    expect(await run('init')).toBe(1)
    expect(warned.join()).toContain('is there already')
  })
})

describe('cloakroom explain', () => {
  it.each([
    ['GET / --role user', 'Decision  passed on'],
    ['GET /', 'Decision  pages lead to sign-in'],
    ['GET /_stcore/metrics --role admin', 'Decision  refused with 403'],
    ['GET /_stcore/metrics', 'Rule      1: /_stcore/metrics for nobody'],
    ['GET http://localhost:8080/a?b --role user', 'Asked     GET /a?b'],
    ['GET /a%2fb', 'Refused with 400'],
    ['GET /_cloakroom/login', 'by the gateway itself'],
  ])('%s: %s', async (asked, expected) => {
    expect(await run(`explain ${asked} ${app}`)).toBe(0)
    expect(printed.join('\n')).toContain(expected)
  })

  it('says that somebody is not known', async () => {
    expect(await run(`explain GET / --user ada@example.org ${app}`)).toBe(1)
    expect(warned.join()).toContain('ada@example.org')
  })
})

describe('cloakroom snippet', () => {
  it.each([
    ['nginx', 'auth_request_set $cloakroom_x_cloakroom_user $upstream_http_x_cloakroom_user;'],
    ['traefik', 'x-cloakroom-jwt, Cookie]'],
    ['caddy', 'request_header -x-cloakroom-user'],
    ['streamlit', 'X-Cloakroom-Email = "email"'],
    ['grafana', 'header_name = X-WEBAUTH-USER'],
  ])('prints settings for %s', async (name, line) => {
    expect(await run(`snippet ${name} ${app}`)).toBe(0)
    expect(printed.join('\n')).toContain(line)
  })

  it('refuses a program it knows nothing of', async () => {
    expect(await run(`snippet iis ${app}`)).toBe(2)
  })
})
