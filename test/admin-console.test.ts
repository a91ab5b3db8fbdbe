import { systemClock } from 'cloakroom'
import { createClient } from 'redis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createMemoryAccounts } from '../packages/accounts/src/memory/accounts.ts'
import { type AccountsSite, createAccountsSite, type SiteBrowser } from './support/accounts-site.ts'
import { type RedisServer, startRedis } from './support/redis-server.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
let redis: RedisServer
let workers: AccountsSite[]
let admin: SiteBrowser
const cleanUps: (() => void)[] = []

/** A worker of a site: what it shares with the others is in Redis, and the accounts. */
async function startWorker(accounts: ReturnType<typeof createMemoryAccounts>) {
  const client = createClient({ url: redis.url })
  await client.connect()
  cleanUps.push(() => client.destroy())
  return createAccountsSite({
    accounts,
    engine: { redis: client, secret, cookieSecret: secret, auditTrail: true, clock: systemClock },
  })
}

beforeAll(async () => {
  redis = await startRedis()
  const accounts = createMemoryAccounts()
  workers = [await startWorker(accounts), await startWorker(accounts)]
  const [first] = workers
  if (first === undefined) throw new Error('There is no worker.')
  admin = await first.signIn({ email: 'root@example.org', role: 'admin' })
})

afterAll(async () => {
  for (const { accounts, cloakroom } of workers) {
    cloakroom.close()
    await accounts.close()
  }
  for (const cleanUp of cleanUps) cleanUp()
  await redis.stop()
})

const other = (): AccountsSite => workers[1] as AccountsSite

async function activity(): Promise<{ sessions: number; isOfAll: boolean; totals: object }> {
  return JSON.parse((await admin.get('/admin/activity')).text)
}

describe('the console on Redis', () => {
  it('counts what all workers have seen', async () => {
    const before = await activity()
    expect(before).toMatchObject({ isOfAll: true, totals: { failures: 0 } })
    for (let count = 0; count < 450; count += 1) {
      other().cloakroom.events.emit({ type: 'auth_failure', reason: 'password' })
    }
    await other().cloakroom.auditTrail?.flush()
    expect(await activity()).toMatchObject({ totals: { failures: 450 } })
    other().cloakroom.events.emit({ type: 'auth_failure', reason: 'password' })
    await other().cloakroom.auditTrail?.flush()
    expect(await activity()).toMatchObject({ totals: { failures: 451 } })
    expect(await activity()).toMatchObject({ totals: { failures: 451 } })
  })

  it('finds and ends sessions of every worker, page by page', async () => {
    const { sessions } = other().cloakroom
    const source = { ip: '203.0.113.50', userAgent: 'curl/8.0' }
    for (let count = 0; count < 120; count += 1) await sessions.create(null, { source })
    const { session } = await sessions.create({ id: 'legacy-1' }, { source })
    expect((await admin.get('/admin/sessions?user=legacy-1')).text).toContain('legacy-1')
    const met = new Set<string>()
    let path = '/admin/sessions?address=203.0.113.50'
    while (path !== '') {
      const { text } = await admin.get(path)
      for (const [, id = ''] of text.matchAll(/name="id" value="([^"]+)"/g)) met.add(id)
      path = (/class="button" href="([^"]+cursor[^"]+)"/.exec(text)?.[1] ?? '').replaceAll(
        '&amp;',
        '&',
      )
    }
    expect(met.size).toBe(121)
    await admin.post('/admin/sessions/end', { id: session.id })
    expect(await sessions.find(session.id)).toBeNull()
    await admin.post('/admin/sessions/end-address', { address: '203.0.113.50' })
    expect((await admin.get('/admin/sessions?address=203.0.113.50')).text).toContain(
      'No session fits.',
    )
  })

  it('sees blocks of every worker, and lifts them', async () => {
    await other().cloakroom.limiter.block('api_call', 'somebody', { reason: 'Calls all night' })
    const { text } = await admin.get('/admin/limits')
    expect(text).toContain('Calls all night')
    const fields = ['rule', 'version', 'id'].map((name): [string, string] => [
      name,
      new RegExp(`name="${name}" value="([^"]+)"`).exec(text)?.[1] ?? '',
    ])
    const { location } = await admin.post('/admin/limits/unblock', Object.fromEntries(fields))
    expect(location).toBe('/admin/limits?done=unblocked')
    expect(await other().cloakroom.limiter.isBlocked('api_call', 'somebody')).toBe(false)
  })

  it('reads the log of every worker, and exports it with its signatures', async () => {
    other().cloakroom.events.emit({ type: 'csrf_failed', reason: 'elsewhere' })
    await other().cloakroom.auditTrail?.flush()
    expect((await admin.get('/admin/log?type=csrf_failed')).text).toContain('elsewhere')
    const { text } = await admin.get('/admin/log/export?format=jsonl')
    const report = await other().cloakroom.auditTrail?.verifyLines(text.trim().split('\n'))
    expect(report).toMatchObject({ problems: [] })
    const csv = await admin.get('/admin/log/export?format=csv&type=csrf_failed')
    expect(csv.text).toContain('elsewhere')
  })

  it('counts the sessions of each key, and says how Redis is', async () => {
    expect((await admin.get('/admin/keys')).text).toMatch(/seals[\s\S]*Counted/)
    const { text } = await admin.get('/admin/health')
    expect(text).toContain('Redis answers and takes writes.')
    expect(text).toMatch(/Nothing is written to disk/)
  })
})
