import type { PGlite } from '@electric-sql/pglite'
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
} from 'kysely'

/** Kysely on the embedded PostgreSQL. It has one connection, which callers get in turn. */
export function createPgliteDialect(client: PGlite): Dialect {
  return {
    createDriver: () => createDriver(client),
    createAdapter: () => new PostgresAdapter(),
    createIntrospector: kysely => new PostgresIntrospector(kysely),
    createQueryCompiler: () => new PostgresQueryCompiler(),
  }
}

function createDriver(client: PGlite): Driver {
  const connection = createConnection(client)
  const run = async (command: string): Promise<void> => {
    await connection.executeQuery(CompiledQuery.raw(command))
  }
  let free: Promise<void> = Promise.resolve()
  let release: () => void = () => undefined

  return {
    init: () => client.waitReady,
    async acquireConnection() {
      const turn = free
      let done: () => void = () => undefined
      free = new Promise(resolve => {
        done = resolve
      })
      await turn
      release = done
      return connection
    },
    async releaseConnection() {
      release()
    },
    beginTransaction: () => run('begin'),
    commitTransaction: () => run('commit'),
    rollbackTransaction: () => run('rollback'),
    destroy: () => client.close(),
  }
}

function createConnection(client: PGlite): DatabaseConnection {
  return {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery) {
      const { rows, affectedRows } = await client.query<Row>(sql, [...parameters])
      return { rows, numAffectedRows: BigInt(affectedRows ?? rows.length) }
    },
    streamQuery() {
      throw new Error('The embedded database does not stream. Read page by page.')
    },
  }
}
