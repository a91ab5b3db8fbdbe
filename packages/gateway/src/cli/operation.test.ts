import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Cloakroom, createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts'
import { runCommand } from './run.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const cookieSecret = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'

describe('cloakroom', () => {
  let server: RedisServer
  let folder: string
  let env: Record<string, string>
  let printed: string[]
  let warned: string[]
  let bars: string[]
  let client: ReturnType<typeof createClient>
  let cloakroom: Cloakroom
  beforeAll(async () => {
    server = await startRedis()
    folder = await mkdtemp(join(tmpdir(), 'cloakroom-cli-'))
  })
  afterAll(async () => {
    await rm(folder, { recursive: true })
    await server.stop()
  })
  beforeEach(async () => {
    printed = []
    warned = []
    bars = []
    env = { REDIS_URL: server.url, SESSION_SECRET_KEY: secret, COOKIE_SECRET_KEY: cookieSecret }
    client = createClient({ url: server.url })
    await client.connect()
    await client.flushAll()
    cloakroom = createCloakroom({
      redis: client as never,
      secret,
      cookieSecret,
      audit: false,
      auditTrail: true,
      env: {},
    })
  })
  afterEach(() => {
    cloakroom.close()
    client.destroy()
  })

  const run = (...argv: string[]): Promise<number> =>
    runCommand(argv, {
      print: line => printed.push(line),
      warn: line => warned.push(line),
      progress: text => bars.push(text),
      env,
      folder,
      stopped: new Promise(() => undefined),
    })
  const readJson = () => JSON.parse(printed.join('\n'))

  describe('sessions', () => {
    it('lists those of all, and of a user, as a table and as JSON', async () => {
      await cloakroom.sessions.create({ id: 'alice' })
      const { session } = await cloakroom.sessions.create(
        { id: 'bob' },
        { source: { ip: '192.0.2.7', userAgent: 'evil\u001b[31m' } },
      )
      expect(await run('sessions', 'list')).toBe(0)
      expect(printed).toHaveLength(3)
      expect(printed[0]).toMatch(/^ID +USER +ROLE +DEVICE +ADDRESS +LAST SEEN +ENDS$/)
      expect(printed.join()).toContain('192.0.2.7')
      expect(bars.some(bar => bar.includes('2 sessions'))).toBe(true)
      printed = []
      expect(await run('sessions', 'list', '--user', 'bob', '--json')).toBe(0)
      expect(readJson()).toEqual([expect.objectContaining({ id: session.id, userId: 'bob' })])
      printed = []
      await run('sessions', 'show', session.id)
      expect(printed[1]).toContain('bob')
      expect(await run('sessions', 'show', 'nothing')).toBe(1)
    })

    it('ends one, those of a user, and all, and the trail says who did', async () => {
      const { session } = await cloakroom.sessions.create({ id: 'alice' })
      expect(await run('sessions', 'revoke', session.id)).toBe(0)
      expect(await run('sessions', 'revoke', session.id)).toBe(1)
      await cloakroom.sessions.create({ id: 'alice' })
      await cloakroom.sessions.create({ id: 'alice' })
      expect(await run('sessions', 'revoke', '--user', 'alice')).toBe(0)
      expect(printed.at(-1)).toBe('2 sessions ended.')
      const { token } = await cloakroom.sessions.create({ id: 'bob' })
      await cloakroom.sessions.create(null)
      expect(await run('sessions', 'revoke', '--all')).toBe(0)
      expect(await client.keys('cr:{*}s*')).toEqual([])
      expect((await cloakroom.sessions.validate(token)).state).toBe('absent')
      expect(bars.at(-2)).toContain('100 %')
      const page = await cloakroom.auditTrail?.read({ types: ['session_destroyed'], limit: 1 })
      expect(page?.entries[0]?.event).toMatchObject({
        actorId: 'operator',
        reason: 'ended-by-operator',
      })
    })

    it('says what is missing', async () => {
      expect(await run('sessions')).toBe(2)
      expect(await run('sessions', 'revoke')).toBe(2)
      delete env['REDIS_URL']
      expect(await run('sessions', 'list')).toBe(1)
      expect(warned.at(-1)).toContain('REDIS_URL')
    })
  })

  describe('keys', () => {
    it('makes a secret that is good enough', async () => {
      expect(await run('keys', 'generate')).toBe(0)
      expect(() => createCloakroom({ secret: printed[0] ?? '', env: {} }).close()).not.toThrow()
      printed = []
      await run('keys', 'generate', '--json')
      expect(readJson().secret).toHaveLength(44)
    })

    it('tells what each key seals, and which one is missing', async () => {
      await cloakroom.sessions.create({ id: 'alice' })
      expect(await run('keys', 'status', '--json')).toBe(0)
      expect(readJson()).toEqual([
        { id: expect.stringMatching(/^[0-9a-f]{8}$/), place: 'newest', sessions: 1 },
      ])
      printed = []
      env['SESSION_SECRET_KEY'] = cookieSecret
      expect(await run('keys', 'status')).toBe(1)
      expect(printed.join('\n')).toMatch(/missing +1/)
    })

    it('rotates a file in three steps, while workers that read it sign nobody out', async () => {
      const file = join(folder, 'session')
      await writeFile(file, `${secret}\n`, { mode: 0o640 })
      const worker = createCloakroom({
        redis: client as never,
        env: { SESSION_SECRET_KEY_FILE: file, COOKIE_SECRET_KEY: cookieSecret },
        audit: false,
      })
      const { token } = await worker.sessions.create({ id: 'alice' })
      delete env['SESSION_SECRET_KEY']
      env['SESSION_SECRET_KEY_FILE'] = file
      const rotate = (step: string, ...more: string[]) =>
        run('keys', 'rotate', '--file', 'session', '--step', step, ...more)
      expect(await rotate('drop')).toBe(1)
      expect(await rotate('add')).toBe(0)
      worker.reloadSecrets()
      expect(await rotate('use')).toBe(0)
      worker.reloadSecrets()
      const [newest] = (await worker.sessions.countPage()).ring
      const read = await worker.sessions.validate(token)
      if (read.state !== 'valid') throw new Error(read.state)
      expect(await rotate('drop')).toBe(1)
      expect(warned.at(-1)).toMatch(/still seals 1 session/)
      await worker.sessions.update(read.session, data => ({ ...data, seen: true }))
      expect(await rotate('drop')).toBe(0)
      worker.reloadSecrets()
      expect((await worker.sessions.validate(token)).state).toBe('valid')
      expect((await worker.sessions.countPage()).ring).toEqual([newest])
      expect((await readFile(file, 'utf8')).trim()).not.toContain(secret)
      expect((await stat(file)).mode & 0o777).toBe(0o640)
      worker.close()
    })
  })

  describe('limits', () => {
    it('blocks, lists and lifts', async () => {
      const block = ['limits', 'block', '--rule', 'api_call', '--ip', '192.0.2.7', '--for', '1h']
      expect(await run(...block, '--reason', 'scraper')).toBe(0)
      expect(await cloakroom.limiter.isBlocked('api_call', ['ip', '192.0.2.7'])).toBe(true)
      printed = []
      expect(await run('limits', 'list', '--json')).toBe(0)
      const [entry] = readJson()
      expect(entry).toMatchObject({ rule: 'api_call', reason: 'scraper' })
      await run('limits', 'list')
      expect(printed.join('\n')).toMatch(/api_call +\S+ +scraper +60 min/)
      expect(await run('limits', 'unblock', '--key', entry.key)).toBe(0)
      expect(await run('limits', 'unblock', '--key', entry.key)).toBe(1)
      expect(await run('limits', 'block', '--rule', 'api_call')).toBe(1)
    })

    it('stops sign-in from an address, and of one account from there', async () => {
      const attempt = { account: 'Alice', address: '192.0.2.8' }
      const isAllowed = async (given: { account: string; address: string }) =>
        (await cloakroom.loginProtection.begin(given)).allowed
      const who = ['--ip', '192.0.2.8', '--user', 'alice']
      expect(await run('limits', 'block', '--rule', 'login_pair', ...who)).toBe(0)
      expect(await isAllowed(attempt)).toBe(false)
      expect(await isAllowed({ ...attempt, account: 'bob' })).toBe(true)
      await run('limits', 'list')
      expect(printed.at(-1)).toMatch(/login_pair .* never/)
      expect(await run('limits', 'unblock', '--rule', 'login_pair', ...who)).toBe(0)
      expect(await isAllowed(attempt)).toBe(true)
      await run('limits', 'block', '--rule', 'login_address', '--ip', '192.0.2.8')
      expect(await isAllowed({ ...attempt, account: 'bob' })).toBe(false)
      await run('limits', 'unblock', '--rule', 'login_address', '--ip', '192.0.2.8')
      const page = await cloakroom.auditTrail?.read({ types: ['rate_limit_blocked'], limit: 1 })
      expect(page?.entries[0]?.event?.actorId).toBe('operator')
    })
  })

  describe('audit', () => {
    it('verifies, and finds what was removed', async () => {
      for (let count = 0; count < 3; count += 1) await cloakroom.sessions.create({ id: 'alice' })
      await cloakroom.auditTrail?.flush()
      expect(await run('audit', 'verify')).toBe(0)
      expect(printed[0]).toBe('common: as it was written, 3 entries')
      const anchor = /\d+:\S+$/.exec(printed[1] ?? '')?.[0] ?? ''
      expect(await run('audit', 'verify', '--anchor', anchor)).toBe(0)
      expect(bars.some(bar => bar.includes('100 %'))).toBe(true)
      const [, second] = (await client.xRange('cr:{audit.common}:log', '-', '+')) ?? []
      await client.xDel('cr:{audit.common}:log', second?.id ?? '')
      expect(await run('audit', 'verify')).toBe(1)
      expect(printed.at(-2)).toBe('  missing at 2: Entries 2 to 2 are not there.')
      printed = []
      expect(await run('audit', 'verify', '--json')).toBe(1)
      expect(readJson()[0]).toMatchObject({ ok: false, checked: 2 })
      expect(await run('audit', 'verify', '--anchor', 'nonsense')).toBe(1)
    })

    it('exports lines that verify, and documents of ECS', async () => {
      await cloakroom.sessions.create({ id: 'alice' })
      await cloakroom.sessions.create({ id: 'bob' })
      await cloakroom.auditTrail?.flush()
      expect(await run('audit', 'export', '--output', 'trail.jsonl')).toBe(0)
      expect((await stat(join(folder, 'trail.jsonl'))).mode & 0o777).toBe(0o600)
      expect(await run('audit', 'verify', '--file', 'trail.jsonl')).toBe(0)
      const text = await readFile(join(folder, 'trail.jsonl'), 'utf8')
      await writeFile(join(folder, 'trail.jsonl'), text.replace('alice', 'mallory'))
      expect(await run('audit', 'verify', '--file', 'trail.jsonl')).toBe(1)
      printed = []
      await run('audit', 'export', '--format', 'ecs', '--user', 'bob', '--since', '2026-01-01')
      expect(printed).toHaveLength(1)
      expect(readJson()).toMatchObject({
        user: { id: 'bob' },
        event: { action: 'session_created' },
      })
      expect(await run('audit', 'export', '--format', 'xml')).toBe(2)
      expect(await run('audit', 'export', '--since', 'yesterday')).toBe(1)
    })
  })
})
