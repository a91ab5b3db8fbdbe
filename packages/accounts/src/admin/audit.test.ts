import type { AuditFilter } from 'cloakroom'
import { beforeEach, describe, expect, it } from 'vitest'
import {
  type AccountsWorld,
  type Browser,
  createAccountsWorld,
} from '../../../../test/support/accounts.ts'
import { type AdminConsole, createAdminConsole } from './admin.ts'
import { createRecentAuditLog } from './recent-audit-log.ts'

let world: AccountsWorld
let admin: AdminConsole
let root: Browser
let rootId: string

beforeEach(async () => {
  world = createAccountsWorld()
  const { cloakroom: engine, accounts: flows, stores } = world
  const auditLog = createRecentAuditLog(2000)
  engine.events.on(auditLog.listener)
  admin = createAdminConsole({ engine, flows, accounts: stores.accounts, auditLog })
  rootId = await world.addAccount({ email: 'root@example.org', role: 'admin', name: 'Root' })
  root = await world.signIn('root@example.org', { ip: '192.0.2.1' })
})

const emit = (event: Parameters<AccountsWorld['cloakroom']['events']['emit']>[0]): void =>
  world.cloakroom.events.emit(event)

async function read(filter: AuditFilter = {}, cursor: string | null = null, limit = 50) {
  const result = await root.visit(visit => admin.readAudit({ ...filter, cursor, limit }, visit))
  if (!result.ok) throw new Error(result.reason)
  return result
}

async function exported(format: 'csv' | 'jsonl', filter: AuditFilter = {}): Promise<string> {
  return root.visit(async visit => {
    const result = await admin.exportAudit({ format, filter }, visit)
    if (!result.ok) throw new Error(result.reason)
    let text = ''
    for await (const chunk of result.chunks) text += chunk
    return text
  })
}

describe('readAudit', () => {
  it('gives what happened, the newest first', async () => {
    const { entries } = await read()
    expect(entries.map(({ event }) => event?.type).toReversed()).toEqual(
      world.events.map(({ type }) => type),
    )
  })

  it('filters by kind, person, address and session', async () => {
    emit({ type: 'role_changed', userId: 'ada', actorId: rootId })
    emit({ type: 'auth_failure', userId: 'ada', ip: '203.0.113.5', sessionId: 'some-session' })
    const types = async (filter: AuditFilter) =>
      (await read(filter)).entries.map(({ event }) => event?.type)
    expect(await types({ types: ['role_changed', 'auth_failure'] })).toHaveLength(2)
    expect(await types({ userId: 'ada' })).toEqual(['auth_failure', 'role_changed'])
    expect(await types({ actorId: rootId })).toEqual(['role_changed'])
    expect(await types({ ip: '203.0.113.5' })).toEqual(['auth_failure'])
    expect(await types({ sessionId: 'some-session' })).toEqual(['auth_failure'])
  })

  it('goes page by page, while new entries come in', async () => {
    for (let count = 0; count < 7; count += 1) emit({ type: 'csrf_failed', reason: `${count}` })
    const seen: string[] = []
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof read>> = await read(
        { types: ['csrf_failed'] },
        cursor,
        3,
      )
      seen.push(...page.entries.map(({ event }) => event?.reason ?? ''))
      emit({ type: 'csrf_failed', reason: 'later' })
      cursor = page.cursor
    } while (cursor !== null)
    expect(seen).toEqual(['6', '5', '4', '3', '2', '1', '0'])
  })

  it('forgets the oldest', async () => {
    for (let count = 0; count < 2000; count += 1) emit({ type: 'csrf_failed' })
    expect((await read({ types: ['auth_success'] })).entries).toEqual([])
    expect((await read({}, '0')).entries).toEqual([])
    expect((await read({}, 'no place')).entries).toEqual([])
    expect((await read({ from: world.clock.now() + 1 })).entries).toEqual([])
    expect((await read({ until: world.clock.now() })).entries).toEqual([])
  })

  it('is not for moderators', async () => {
    await world.addAccount({ email: 'mo@example.org', role: 'moderator' })
    const helper = await world.signIn('mo@example.org')
    const result = await helper.visit(visit => admin.readAudit({}, visit))
    expect(result).toEqual({ ok: false, reason: 'forbidden' })
  })
})

describe('exportAudit', () => {
  it('is itself in the log', async () => {
    await exported('csv', { types: ['auth_success'] })
    const { entries } = await read({ types: ['audit_exported'] })
    expect(entries).toMatchObject([{ event: { userId: rootId, details: { format: 'csv' } } }])
  })

  it('writes lines of JSON as the audit log does', async () => {
    const [first] = (await exported('jsonl', { types: ['auth_success'] })).split('\n')
    expect(JSON.parse(first ?? '')).toMatchObject({ event_type: 'auth_success', user_id: rootId })
  })

  it('writes CSV that no spreadsheet runs, and no text can break out of', async () => {
    emit({ type: 'csrf_failed', userId: '=HYPERLINK("http://x")', userAgent: 'a,"b"\r\nc' })
    emit({ type: 'csrf_failed', userId: '@SUM(1)', reason: '-1', details: { rule: 'x' } })
    const lines = (await exported('csv', { types: ['csrf_failed'] })).split('\r\n')
    expect(lines[0]).toMatch(/^timestamp,event_type,user_id,/)
    expect(lines[1]).toContain(`,'@SUM(1),`)
    expect(lines[1]).toContain(`,'-1,"{""rule"":""x""}"`)
    expect(lines[2]).toContain(`"'=HYPERLINK(""http://x"")"`)
    expect(lines[2]).toContain('"a,""b""\\u000d\\u000ac"')
    expect(lines).toHaveLength(4)
  })

  it('writes more than a page, and stops when the right to it ends', async () => {
    for (let count = 0; count < 1200; count += 1) emit({ type: 'csrf_failed' })
    const all = await exported('jsonl', { types: ['csrf_failed'] })
    expect(all.trim().split('\n')).toHaveLength(1200)
    const count = await root.visit(async visit => {
      const result = await admin.exportAudit({ format: 'jsonl' }, visit)
      if (!result.ok) throw new Error(result.reason)
      const account = await world.stores.accounts.findById(rootId)
      await world.addAccount({ email: 'other@example.org', role: 'admin' })
      if (account !== null) await world.stores.accounts.update(account, { role: 'user' })
      let text = ''
      for await (const chunk of result.chunks) text += chunk
      return text.trim().split('\n').length
    })
    expect(count).toBe(500)
  })
})
