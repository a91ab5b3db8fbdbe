export { type EmbeddedOptions, openEmbedded } from './sql/embedded.ts'
export { openPostgres, type PostgresOptions } from './sql/postgres.ts'
export { createSqlStores } from './sql/stores.ts'
export type { Database } from './sql/tables.ts'
