import { z } from 'zod'
import { managedAccount } from './account-routes.ts'
import { foundBlock, foundSession, logEntry, person } from './admin-schemas.ts'
import { secondFactor } from './factor-routes.ts'
import { currentSession, ownSession, profile } from './own-schemas.ts'
import { passwordFault, problem } from './problem-schema.ts'
import type { Schema } from './schema.ts'

/** A part of the description. */
export type Json = Readonly<Record<string, unknown>>

/** Schemas that the description gives a name. */
const named: Readonly<Record<string, Schema<object>>> = {
  Block: foundBlock,
  CurrentSession: currentSession,
  FoundSession: foundSession,
  LogEntry: logEntry,
  ManagedAccount: managedAccount,
  OwnSession: ownSession,
  PasswordFault: passwordFault,
  Person: person,
  Problem: problem,
  Profile: profile,
  SecondFactor: secondFactor,
}

/** Turns schemas into JSON Schema as OpenAPI 3.1 has it. */
export function describeSchemas(): {
  readonly describe: (schema: Schema<object>) => Json
  /** Those that have names. */
  readonly components: Json
} {
  const metadata = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(named)) metadata.add(schema, { id })

  function convert(schema: Schema<object>): Json & { readonly $defs?: Json } {
    const json = z.toJSONSchema(schema, {
      metadata,
      override: ({ jsonSchema }) => tidy(jsonSchema),
    })
    const text = JSON.stringify(json).replaceAll('#/$defs/', '#/components/schemas/')
    return JSON.parse(text) as Json
  }

  return {
    describe(schema) {
      const { $schema: _schema, $defs: _definitions, ...rest } = convert(schema)
      return rest
    },
    components: Object.assign({}, ...Object.values(named).map(schema => convert(schema).$defs)),
  }
}

/** Leaves out what says nothing that is not said already. */
function tidy(schema: z.core.JSONSchema.BaseSchema): void {
  if (schema.format === 'date-time') delete schema.pattern
  if (schema.maximum === Number.MAX_SAFE_INTEGER) delete schema.maximum
  if (schema.minimum === Number.MIN_SAFE_INTEGER) delete schema.minimum
}
