import { createClient, RESP_TYPES } from 'redis'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AuditTrail, createAuditTrail } from '../../packages/cloakroom/src/audit/trail.ts'
import type { AuditReport } from '../../packages/cloakroom/src/audit/verify.ts'
import { createManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import { createRedisAudit } from '../../packages/cloakroom/src/stores/redis/audit.ts'
import { createScriptRunner } from '../../packages/cloakroom/src/stores/redis/script.ts'
import { type ConnectedClient, redisClients } from '../support/redis-clients.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const log = 'cr:{audit.common}:log'
const head = 'cr:{audit.common}:head'

/** Somebody who may do anything to Redis, and has no secret. */
describe('a trail that somebody changed in Redis', () => {
  let server: RedisServer
  let connected: ConnectedClient
  let redis: ReturnType<typeof createClient>
  let trail: AuditTrail
  beforeAll(async () => {
    server = await startRedis()
    redis = createClient({ url: server.url })
    await redis.connect()
    connected = (redisClients[0] as (typeof redisClients)[number]).connect(server.url)
  })
  afterAll(async () => {
    redis.destroy()
    connected.close()
    await server.stop()
  })
  beforeEach(async () => {
    await redis.flushAll()
    trail = openTrail()
    await write(trail, 5)
  })

  function openTrail(keep = 1000): AuditTrail {
    const store = createRedisAudit({ scripts: createScriptRunner(connected.client), prefix: 'cr:' })
    return createAuditTrail({ keep }, { store, clock: createManualClock(), secret })
  }

  async function write(into: AuditTrail, count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) into.listener({ type: 'auth_failure', at, userId: 'eve' })
    await into.flush()
  }

  interface Entry {
    readonly id: string
    readonly fields: Readonly<Record<string, Buffer | string>>
  }

  async function entries(): Promise<Entry[]> {
    const raw = redis.withTypeMapping({ [RESP_TYPES.BLOB_STRING]: Buffer })
    const found = (await raw.xRange(log, '-', '+')) as unknown as { id: Buffer; message: object }[]
    return found.map(({ id, message }) => ({ id: String(id), fields: { ...message } }))
  }

  const kindsOf = (report: AuditReport) => report.problems.map(({ kind }) => kind)

  /** Writes all entries anew, as somebody would who forges the log as a whole. */
  async function rewrite(fields: Entry['fields'][]): Promise<void> {
    await redis.del(log)
    for (const each of fields) await redis.xAdd(log, '*', each)
  }

  it('is whole as long as nobody did', async () => {
    expect(await trail.verify()).toMatchObject({ ok: true, checked: 5, head: { sequence: 5 } })
  })

  it('shows nothing of whom it speaks', async () => {
    const text = (await entries()).map(entry => String(entry.fields['d'])).join(' ')
    expect(text).not.toMatch(/eve|auth_failure/)
  })

  it.each([
    ['the first', 0],
    ['one in the middle', 2],
    ['the last', 4],
  ])('lacks an entry: %s', async (_, at) => {
    await redis.xDel(log, (await entries())[at]?.id ?? '')
    const report = await trail.verify()
    expect(report.problems[0]).toMatchObject({ kind: 'missing', sequence: at + 1 })
  })

  it('lacks its first entries, although it may keep them', async () => {
    await redis.xTrim(log, 'MAXLEN', 2)
    expect(kindsOf(await trail.verify())).toEqual(['missing'])
  })

  it('holds an entry that was changed', async () => {
    const all = (await entries()).map(entry => entry.fields)
    const sealed = Buffer.from(all[2]?.['d'] ?? '')
    sealed[20] = (sealed[20] ?? 0) ^ 1
    await rewrite(all.map((fields, at) => (at === 2 ? { ...fields, d: sealed } : fields)))
    expect(kindsOf(await trail.verify())).toEqual(['changed'])
  })

  it('holds two entries in each other’s place', async () => {
    const [first, second, ...others] = (await entries()).map(entry => entry.fields)
    await rewrite([second ?? {}, first ?? {}, ...others])
    expect(kindsOf(await trail.verify())).toEqual(['moved', 'missing', 'missing'])
  })

  it('holds an entry under another number', async () => {
    const all = (await entries()).map(entry => entry.fields)
    await rewrite([...all, { ...all[1], n: '6' }])
    expect(kindsOf(await trail.verify())).toEqual(['changed'])
  })

  it('holds something that nobody signed', async () => {
    await redis.xAdd(log, '*', { n: '6', m: 'forged', d: 'forged' })
    await redis.xAdd(log, '*', { anything: 'else' })
    const report = await trail.verify()
    expect(kindsOf(report)).toEqual(['changed', 'changed'])
    expect((await trail.read({ limit: 2 })).entries.map(entry => entry.event)).toEqual([null, null])
  })

  it('was replaced by an earlier state, and went on from there', async () => {
    const earlierHead = (await redis.get(head)) ?? ''
    const earlier = (await entries()).map(entry => entry.fields)
    await write(trail, 3)
    const { head: anchor } = await trail.verify()
    await rewrite(earlier)
    await redis.set(head, earlierHead)
    // By itself this state is genuine. Whoever kept the end of the log elsewhere knows better …
    expect(await trail.verify()).toMatchObject({ ok: true })
    expect(kindsOf(await trail.verify(null, { anchor }))).toEqual(['rolled-back'])
    // … and so does a worker that has written since.
    await write(trail, 1)
    const [newest] = (await trail.read({ types: ['audit_rolled_back'] })).entries
    expect(newest?.event?.details).toEqual({ log: 'common', known: 8, found: 5 })
    expect(kindsOf(await trail.verify(null, { anchor }))).toContain('rolled-back')
  })

  it('lost its head, so that another worker would begin anew', async () => {
    await redis.del(head)
    await write(openTrail(), 1)
    expect(kindsOf(await trail.verify())).toContain('moved')
  })
})
