import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError, StoreError } from 'cloakroom'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startPostgres } from '../../../../test/support/postgres-server.ts'
import { newAccount } from '../account/accounts.contract.ts'
import { createSqlAccounts } from './accounts.ts'
import { openEmbedded } from './embedded.ts'
import { isUniqueViolation, toStoreError, withStoreErrors } from './failure.ts'
import { lockFolder } from './folder-lock.ts'
import { openPostgres } from './postgres.ts'
import type { Database } from './tables.ts'

const coded = (code: string): Error => Object.assign(new Error('secret'), { code })

describe('toStoreError', () => {
  it.each(['ECONNREFUSED', '08006', '57P01', '53300', ''])('takes %j for an outage', code => {
    expect(toStoreError(coded(code))).toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  })

  it.each(['42P01', '22021', '23514'])('takes %s for a mistake', code => {
    expect(toStoreError(coded(code))).toMatchObject({ code: 'ERR_STORE_REPLY' })
  })

  it('keeps the cause, and what it said out of the message', () => {
    const cause = coded('42P01')
    expect(toStoreError(cause)).toMatchObject({ cause })
    expect(toStoreError(cause).message).not.toContain('secret')
    expect(toStoreError('no error at all')).toBeInstanceOf(StoreError)
  })

  it('leaves errors alone that are understood', () => {
    const errors = [new StoreError('ERR_STORE_TIMEOUT', ''), new ConfigError('ERR_SECRET_WEAK', '')]
    expect(errors.map(toStoreError)).toEqual(errors)
  })
})

describe('isUniqueViolation', () => {
  it('knows the code', () => {
    expect(['23505', '23514'].map(code => isUniqueViolation(coded(code)))).toEqual([true, false])
  })
})

describe('withStoreErrors', () => {
  it('translates what methods reject with, and nothing else', async () => {
    const store = withStoreErrors({
      size: 3,
      parse: (text: string) => Number(text),
      fail: async () => {
        throw coded('08006')
      },
    })
    expect([store.size, store.parse('7')]).toEqual([3, 7])
    await expect(store.fail()).rejects.toBeInstanceOf(StoreError)
  })
})

describe('openPostgres', () => {
  it('says when the server cannot be reached', async () => {
    const url = 'postgres://postgres@127.0.0.1:1/none'
    await expect(openPostgres({ url })).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
  })

  it('survives a server that goes away, and says so to each caller', async () => {
    const server = await startPostgres()
    const broken: Error[] = []
    const database = await openPostgres({ url: server.url, onError: error => broken.push(error) })
    const accounts = createSqlAccounts(database)
    await accounts.create(newAccount())
    await server.kill()
    await expect(accounts.findById('x')).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    expect(broken.length).toBeGreaterThan(0)
    await database.close()
    await server.stop()
  })
})

describe('openEmbedded', () => {
  let database: Database

  beforeAll(async () => {
    database = await openEmbedded()
  })
  afterAll(() => database?.close())

  it('takes callers in turn while a transaction is open', async () => {
    const accounts = createSqlAccounts(database)
    let outside: Promise<unknown> = Promise.resolve()
    const failing = database.kysely.transaction().execute(async transaction => {
      const row = rowOf('inside@example.org')
      await transaction.insertInto('cloakroom_account').values(row).execute()
      outside = accounts.findByLogin(row.login)
      throw new Error('Roll back.')
    })
    await expect(failing).rejects.toThrow('Roll back.')
    expect(await outside).toBeNull()
  })

  it('refuses to stream', async () => {
    const rows = database.kysely.selectFrom('cloakroom_token').selectAll().stream()
    await expect(rows.next()).rejects.toThrow(/does not stream/)
  })

  it('says when somebody else has the folder', async () => {
    const parent = await mkdtemp(join(tmpdir(), 'cloakroom-embedded-'))
    const folder = join(parent, 'database')
    const unlock = await lockFolder(folder)
    await expect(openEmbedded({ folder })).rejects.toMatchObject({ code: 'ERR_OPTION_INVALID' })
    await unlock()
    const kept = await openEmbedded({ folder })
    const account = newAccount()
    await createSqlAccounts(kept).create(account)
    await kept.close()
    const again = await openEmbedded({ folder })
    expect(await createSqlAccounts(again).findById(account.id)).toMatchObject(account)
    await again.close()
    await rm(parent, { recursive: true })
  })
})

function rowOf(login: string) {
  const text = { id: login, login, email: login, name: '', role: 'user', search_text: login }
  return { ...text, status: 'active' as const, created_at: new Date(0) }
}
