import { ConfigError } from '../core/errors.ts'
import { requirePlainObject, requireStorable } from './storable.ts'

/**
 * The part of Standard Schema (standardschema.dev, version 1) that is used: zod, valibot, arktype and
 * others implement it.
 */
export interface StandardSchema<Output = unknown> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    validate(value: unknown): SchemaResult<Output> | Promise<SchemaResult<Output>>
  }
}

/** What a schema says of a value. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

export interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** How session data is checked. */
export interface DataRules<Data> {
  /**
   * Checked on every load and save, and stored as the schema gives it back: it must accept its own
   * output. It must answer at once, not with a promise.
   */
  schema?: StandardSchema<Data>
  /** Makes data of today's form from data that the schema refuses; null gives it up. */
  migrate?: (stored: unknown) => Data | null
}

/** Outcome of a check: the data, or what is wrong with it. */
export type DataCheck<Data> =
  | { readonly ok: true; readonly data: Data }
  | { readonly ok: false; readonly problem: string }

/** Checks data against the rules, without migrating. */
export function checkData<Data>(value: unknown, rules: DataRules<Data>): DataCheck<Data> {
  if (rules.schema === undefined) return { ok: true, data: value as Data }
  const result = rules.schema['~standard'].validate(value)
  if (result instanceof Promise) return { ok: false, problem: 'the schema answers with a promise' }
  if (result.issues === undefined) return { ok: true, data: result.value }
  return { ok: false, problem: result.issues.map(describe).join('; ') }
}

/**
 * Checks data that was stored, and migrates it where it is of an older form. A schema or a migration
 * that throws refuses it: nobody is locked out by what they have stored.
 */
export function readData<Data>(value: unknown, rules: DataRules<Data>): DataCheck<Data> {
  try {
    const first = checkData(value, rules)
    if (first.ok || rules.migrate === undefined) return first
    const migrated = rules.migrate(value)
    return migrated === null ? first : checkData(migrated, rules)
  } catch {
    return { ok: false, problem: 'the schema or the migration throws' }
  }
}

/**
 * Checks data that is to be stored, and gives it as it will be.
 *
 * @throws {ConfigError} `ERR_VALUE_UNSTORABLE` when it is no plain object, would not come back as it
 * is, or is refused by the schema.
 */
export function requireData<Data extends object>(data: Data, rules: DataRules<Data>): Data {
  requirePlainObject(data)
  requireStorable(data)
  const check = checkData(data, rules)
  if (!check.ok) {
    throw new ConfigError('ERR_VALUE_UNSTORABLE', `The schema refuses it. ${check.problem}.`)
  }
  if (check.data === data) return data
  requirePlainObject(check.data)
  requireStorable(check.data)
  return check.data
}

function describe(issue: SchemaIssue): string {
  const path = (issue.path ?? []).map(part => String(typeof part === 'object' ? part.key : part))
  return `${['data', ...path].join('.')}: ${issue.message}`
}
