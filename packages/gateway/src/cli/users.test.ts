import { createSqlStores, openPostgres } from '@cloakroom/accounts/sql'
import { type Cloakroom, createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../test/support/postgres-server.ts'
import { type RedisServer, startRedis } from '../../../../test/support/redis-server.ts'
import { runCommand } from './run.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const cookieSecret = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'

describe('cloakroom users', () => {
  let redis: RedisServer
  let postgres: PostgresServer
  let client: ReturnType<typeof createClient>
  let cloakroom: Cloakroom
  let printed: string[]
  let warned: string[]
  beforeAll(async () => {
    ;[redis, postgres] = await Promise.all([startRedis(), startPostgres()])
    client = createClient({ url: redis.url })
    await client.connect()
    const options = { redis: client as never, secret, cookieSecret, audit: false, env: {} } as const
    cloakroom = createCloakroom({ ...options, auditTrail: true })
  })
  afterAll(async () => {
    cloakroom.close()
    client.destroy()
    await postgres.stop()
    await redis.stop()
  })
  beforeEach(() => {
    printed = []
    warned = []
  })

  const run = (...argv: string[]): Promise<number> =>
    runCommand(['users', ...argv], {
      print: line => printed.push(line),
      warn: line => warned.push(line),
      env: {
        REDIS_URL: redis.url,
        SESSION_SECRET_KEY: secret,
        COOKIE_SECRET_KEY: cookieSecret,
        CLOAKROOM_TO: 'http://localhost:8501',
        CLOAKROOM_ORIGIN: 'https://app.example.org',
        CLOAKROOM_ACCOUNTS_URL: postgres.url,
        CLOAKROOM_MAIL_URL: 'smtp://127.0.0.1:1',
        CLOAKROOM_MAIL_FROM: 'noreply@example.org',
      },
      folder: '/',
      stopped: new Promise(() => undefined),
    })

  it('makes the first administrator, and no second one', async () => {
    expect(await run('admin', 'root@example.org')).toBe(0)
    expect(printed[1]).toMatch(/^Password: [\w-]{43} /)
    expect(await run('admin', 'other@example.org')).toBe(1)
    expect(warned).toEqual(['There is an administrator already.'])
  })

  it('adds, lists, changes and shuts accounts', async () => {
    expect(await run('add', 'ada@example.org', '--name', 'Ada', '--json')).toBe(0)
    const { account } = JSON.parse(printed.join('\n'))
    expect(account).toMatchObject({ name: 'Ada', role: 'user' })
    expect(await run('add', 'ada@example.org')).toBe(1)
    const { token } = await cloakroom.sessions.create({ id: account.id })
    expect(await run('role', 'ada@example.org', '--role', 'moderator')).toBe(0)
    expect((await cloakroom.sessions.validate(token)).state).toBe('absent')
    printed = []
    expect(await run('list', '--search', 'ada')).toBe(0)
    expect(printed[1]).toMatch(/^ada@example.org +Ada +moderator +active +–$/)
    expect(await run('disable', 'ada@example.org')).toBe(0)
    expect(printed.at(-1)).toContain('disabled')
    expect(await run('reset', 'ada@example.org')).toBe(1)
    expect(await run('enable', 'ada@example.org')).toBe(0)
    expect(await run('reset', 'ada@example.org')).toBe(0)
    expect(printed.at(-1)).toMatch(/^https:\/\/app\.example\.org\/_cloakroom\/reset\?token=/)
    const page = await cloakroom.auditTrail?.read({ types: ['role_changed'] })
    expect(page?.entries[0]?.event).toMatchObject({ actorId: 'operator', userId: account.id })
  })

  it('takes a lost second factor away', async () => {
    const { kysely, close } = await openPostgres({ url: postgres.url })
    const { accounts, factors } = createSqlStores({ kysely, close })
    const accountId = (await accounts.findByLogin('ada@example.org'))?.id ?? ''
    const facts = { id: 'f', sealed: 'x', usedStep: 0, recovery: [], createdAt: 0 }
    await factors.put({ accountId, ...facts }, null)
    expect(await run('reset-factor', 'ada@example.org')).toBe(0)
    expect(await factors.find(accountId)).toBeNull()
    expect(await run('reset-factor', 'ada@example.org')).toBe(1)
    expect(warned).toEqual(['There is no such account, or it has no second factor.'])
    await close()
  })

  it('says what it cannot do', async () => {
    expect(await run('role', 'ada@example.org')).toBe(2)
    expect(await run('disable', 'root@example.org')).toBe(1)
    expect(await run('disable', 'nobody@example.org')).toBe(1)
    expect(warned).toEqual([
      'Say which: `--role`.',
      'It is the last administrator.',
      'There is no such account, or it is disabled.',
    ])
  })
})
