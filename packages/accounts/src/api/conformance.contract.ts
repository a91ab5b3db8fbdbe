import { z } from 'zod'
import { describeApi } from './openapi.ts'
import { apiRoutes } from './table.ts'

/** An answer of the API, and what was asked. */
export interface Answered {
  readonly method: string
  /** Below the root, without query. */
  readonly path: string
  readonly status: number
  /** Media type; null for an answer without a body. */
  readonly type: string | null
  readonly body: unknown
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: object
    readonly responses: Readonly<Record<string, Answer>>
  }
}

interface Answer {
  readonly content?: Readonly<Record<string, { readonly schema: object }>>
}

interface Operation {
  readonly responses: Readonly<Record<string, Answer & { readonly $ref?: string }>>
}

const description = describeApi('/api/auth') as unknown as Description

/** What of an answer is not as the description has it; nothing when it conforms. */
export function findDeviation(answered: Answered): string | null {
  const { method, path, status, type, body } = answered
  const template = apiRoutes.find(route => route.method === method && fits(route.path, path))?.path
  if (template === undefined) return status === 404 ? null : `${method} ${path} is not described.`
  const response = description.paths[template]?.[method.toLowerCase()]?.responses[status]
  if (response === undefined) return `${method} ${path} does not describe ${status}.`
  const named = response.$ref?.split('/').at(-1) ?? ''
  const { content } = description.components.responses[named] ?? response
  if (content === undefined) return type === null ? null : `${method} ${path} describes no body.`
  const schema = content[type ?? '']?.schema
  if (schema === undefined) return `${method} ${path} does not describe ${type}.`
  const result = z.fromJSONSchema(closed(schema)).safeParse(body)
  return result.success ? null : `${method} ${path}: ${result.error.message}`
}

function fits(template: string, path: string): boolean {
  return new RegExp(`^${template.replace(/\{\w+\}/g, '[^/]+')}$`).test(path)
}

/** A schema that holds all it refers to. */
function closed(schema: object): Parameters<typeof z.fromJSONSchema>[0] {
  const text = JSON.stringify({ ...schema, $defs: description.components.schemas })
  return JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/'))
}
