import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type PostgresServer, startPostgres } from '../../../../test/support/postgres-server.ts'
import { runSource } from '../../../../test/support/source-process.ts'
import { migrate } from './migrate.ts'
import { type Migration, migrations } from './migrations.ts'
import { openPostgres } from './postgres.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
})
afterAll(() => server?.stop())

describe('migrate', () => {
  it('is done once by four processes that start at once', async () => {
    const url = await server.createDatabase()
    const file = new URL('./postgres.ts', import.meta.url)
    const workers = await Promise.all(
      Array.from({ length: 4 }, () => runSource(file, 'openPostgres', { url })),
    )
    expect(workers.map(({ exitCode, stderr }) => ({ exitCode, stderr }))).toEqual(
      Array(4).fill({ exitCode: 0, stderr: '' }),
    )
    expect(await readNames(url)).toEqual(migrations.map(({ name }) => name))
  })

  it('is done once by many connections that start at once', async () => {
    const url = await server.createDatabase()
    const opened = await Promise.all(Array.from({ length: 8 }, () => openPostgres({ url })))
    await Promise.all(opened.map(({ close }) => close()))
    expect(await readNames(url)).toEqual(migrations.map(({ name }) => name))
  })

  const further: Migration = { name: '999-further', statements: ['create table further (id int)'] }

  it('takes the steps that are missing, in their order', async () => {
    const { kysely, close } = await openPostgres({ url: await server.createDatabase() })
    expect(await migrate(kysely)).toEqual([])
    expect(await migrate(kysely, [...migrations, further])).toEqual(['999-further'])
    await close()
  })

  it('lets an older release start beside a newer one', async () => {
    const { kysely, close } = await openPostgres({ url: await server.createDatabase() })
    await migrate(kysely, [...migrations, further])
    expect(await migrate(kysely)).toEqual([])
    await close()
  })

  it('takes all steps or none', async () => {
    const { kysely, close } = await openPostgres({ url: await server.createDatabase() })
    const broken = { name: '999-broken', statements: ['create table half (id int)', 'nonsense'] }
    const steps = [...migrations, further, broken]
    await expect(migrate(kysely, steps)).rejects.toMatchObject({ code: 'ERR_STORE_REPLY' })
    expect(await migrate(kysely, [...migrations, further])).toEqual(['999-further'])
    await close()
  })
})

async function readNames(url: string): Promise<readonly string[]> {
  const client = new Client({ connectionString: url })
  await client.connect()
  const { rows } = await client.query('select name from cloakroom_migration order by name')
  await client.end()
  return rows.map(({ name }) => name)
}
