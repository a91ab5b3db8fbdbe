import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { readRedisRights } from '../../../../../test/support/redis-rights.ts'
import {
  findFreePort,
  type RedisServer,
  startRedis,
} from '../../../../../test/support/redis-server.ts'
import { runCommand } from '../run.ts'
import type { Finding } from './finding.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const cookieSecret = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'

describe('cloakroom doctor', () => {
  let server: RedisServer
  let folder: string
  let env: Record<string, string>
  let printed: string[]
  let code: number
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloakroom-doctor-'))
    server = await startRedis({ appendOnly: true, args: ['--maxmemory', '100mb'] })
    const client = createClient({ url: server.url })
    await client.connect()
    await client.sendCommand(await readRedisRights())
    await client.sendCommand('ACL SETUSER reader on >word ~* &* +@read +@connection'.split(' '))
    client.destroy()
  })
  afterAll(async () => {
    await rm(folder, { recursive: true })
    await server.stop()
  })
  beforeEach(() => {
    env = {
      REDIS_URL: `redis://cloakroom:password@127.0.0.1:${server.port}`,
      SESSION_SECRET_KEY: secret,
      COOKIE_SECRET_KEY: cookieSecret,
      CLOAKROOM_ORIGIN: 'https://app.example.org',
      CLOAKROOM_TRUST_PROXY: '10.0.0.0/8',
    }
  })

  async function examine(...flags: string[]): Promise<readonly Finding[]> {
    printed = []
    code = await runCommand(['doctor', '--json', ...flags], {
      print: line => printed.push(line),
      warn: line => printed.push(line),
      env,
      folder,
      stopped: new Promise(() => undefined),
    })
    return JSON.parse(printed.join('\n')).findings
  }

  const stateOf = (findings: readonly Finding[], check: string) =>
    findings.find(finding => finding.check === check)?.state

  it('finds nothing where all is well, with the rights of the guide', async () => {
    const findings = await examine('--strict')
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([])
    expect(code).toBe(0)
    expect(findings.map(({ check }) => check)).toEqual([
      'session-secret',
      'cookie-secret',
      'cookies',
      'proxy',
      'redis',
      'redis-memory',
      'redis-rights',
    ])
  })

  it('speaks to people, too', async () => {
    const lines: string[] = []
    const print = (line: string) => lines.push(line)
    const rest = { print, warn: print, env, folder, stopped: new Promise<void>(() => undefined) }
    expect(await runCommand(['doctor'], rest)).toBe(0)
    expect(lines[0]).toMatch(/^✓ /)
    expect(lines.at(-1)).toContain('0 to be changed, 0 that should be.')
  })

  it.each<[string, Record<string, string | undefined>, string, Finding['state']]>([
    ['no session secret', { SESSION_SECRET_KEY: undefined }, 'session-secret', 'failure'],
    ['a short secret', { SESSION_SECRET_KEY: 'short' }, 'session-secret', 'failure'],
    [
      'a placeholder',
      { COOKIE_SECRET_KEY: 'change-me-change-me-please-change' },
      'cookie-secret',
      'failure',
    ],
    [
      'a phrase',
      { COOKIE_SECRET_KEY: 'aaaabbbbccccddddeeeeffffgggghhhh' },
      'cookie-secret',
      'warning',
    ],
    ['one secret for both', { COOKIE_SECRET_KEY: secret }, 'secrets-apart', 'warning'],
    [
      'an origin without https',
      { CLOAKROOM_ORIGIN: 'http://app.example.org' },
      'cookies',
      'failure',
    ],
    ['no origin', { CLOAKROOM_ORIGIN: undefined }, 'cookies', 'warning'],
    ['a cookie for another domain', { COOKIE_DOMAIN: 'example.com' }, 'cookies', 'failure'],
    ['a cookie for the whole domain', { COOKIE_DOMAIN: '.example.org' }, 'cookies', 'warning'],
    ['no proxy that ends TLS', { CLOAKROOM_TRUST_PROXY: undefined }, 'proxy', 'warning'],
    ['trust in everybody', { CLOAKROOM_TRUST_PROXY: '0.0.0.0/0' }, 'proxy', 'failure'],
    ['no Redis', { REDIS_URL: undefined }, 'redis', 'failure'],
    ['a variable nobody knows', { CLOAKROOM_ORIGN: 'x' }, 'configuration', 'failure'],
    [
      'a gateway that is not safe',
      { CLOAKROOM_TO: 'http://localhost:8501' },
      'configuration',
      'failure',
    ],
  ])('finds %s', async (_, changes, check, state) => {
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) delete env[name]
      else env[name] = value
    }
    expect(stateOf(await examine(), check)).toBe(state)
    expect(code).toBe(state === 'failure' ? 1 : 0)
    expect(printed.join()).not.toContain(secret)
    if (state === 'warning') {
      await examine('--strict')
      expect(code).toBe(1)
    }
  })

  it('finds a Redis that is not there', async () => {
    env['REDIS_URL'] = `redis://127.0.0.1:${await findFreePort()}`
    const findings = await examine()
    expect(stateOf(findings, 'redis')).toBe('failure')
    expect(stateOf(findings, 'redis-rights')).toBeUndefined()
    expect(code).toBe(1)
  })

  it('finds rights that are missing, and names them', async () => {
    env['REDIS_URL'] = `redis://reader:word@127.0.0.1:${server.port}`
    const found = (await examine()).find(({ check }) => check === 'redis-rights')
    expect(found?.state).toBe('failure')
    expect(found?.message).toMatch(/SET, EVAL, ZADD, HSET, XADD, PUBLISH/)
  })

  it('finds what is wrong with the settings of Redis', async () => {
    const other = await startRedis({ args: ['--maxmemory-policy', 'allkeys-lru'] })
    env['REDIS_URL'] = other.url
    const findings = await examine()
    for (const check of ['redis-eviction', 'redis-persistence', 'redis-memory', 'redis-password']) {
      expect([check, stateOf(findings, check)]).toEqual([check, 'warning'])
    }
    await other.stop()
  })

  it('finds a file of secrets that everybody can read', async () => {
    const file = join(folder, 'secret')
    await writeFile(file, secret)
    delete env['SESSION_SECRET_KEY']
    env['SESSION_SECRET_KEY_FILE'] = file
    await chmod(file, 0o644)
    expect(stateOf(await examine(), 'secret-file')).toBe('warning')
    await chmod(file, 0o640)
    expect(stateOf(await examine(), 'secret-file')).toBeUndefined()
  })

  it('finds a database that is not there', async () => {
    env['CLOAKROOM_ACCOUNTS_URL'] = `postgres://nobody@127.0.0.1:${await findFreePort()}/none`
    expect(stateOf(await examine(), 'accounts')).toBe('failure')
  })
})
