import { readFileSync } from 'node:fs'
import { ConfigError } from 'cloakroom'
import { refuseUnknown } from 'cloakroom/kit'
import { createJsonSchema } from './schema.ts'

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** One setting that a variable can hold. */
interface Variable {
  readonly name: string
  /** Where it stands in the configuration. */
  readonly path: readonly string[]
  readonly kind: 'text' | 'number' | 'boolean' | 'list' | 'text or list'
}

/** Names that other parts of Cloakroom know, for what the configuration leaves open. */
const sharedNames: Readonly<Record<string, readonly string[]>> = {
  REDIS_URL: ['redis'],
  SESSION_SECRET_KEY: ['secret'],
  COOKIE_SECRET_KEY: ['cookieSecret'],
}

/** Which file is read, and where programs find the data API: no settings themselves. */
const otherVariables = ['CLOAKROOM_CONFIG', 'CLOAKROOM_URL']

/** Kubernetes tells every container of each service: of one named `cloakroom`, by names like ours. */
const serviceVariable = /_SERVICE_(HOST|PORT)(_|$)|_PORT_\d+_(TCP|UDP|SCTP)(_|$)/
const serviceAddress = /^(tcp|udp|sctp):\/\//

/**
 * Puts what variables say over a configuration: `CLOAKROOM_LISTEN_PORT` over `listen.port`. A variable
 * that ends in `_FILE` names a file that holds the value.
 *
 * @throws {ConfigError} naming a variable that is unknown, or holds what it cannot.
 */
export function applyEnvironment(config: object, env: Environment): object {
  const variables = listVariables()
  const known = variables.flatMap(({ name }) => [name, `${name}_FILE`])
  const given = Object.keys(env).filter(
    name => name.startsWith('CLOAKROOM_') && !isOfService(name, env[name]),
  )
  refuseUnknown('environment', toObject(given), [...known, ...otherVariables])
  let result = config
  for (const [name, path] of Object.entries(sharedNames)) {
    const value = readVariable(env, { name, path, kind: 'text or list' })
    if (value !== undefined && valueAt(result, path) === undefined) {
      result = withValue(result, path, value)
    }
  }
  for (const variable of variables) {
    const value = readVariable(env, variable)
    if (value !== undefined) result = withValue(result, variable.path, value)
  }
  return result
}

function isOfService(name: string, value = ''): boolean {
  return serviceVariable.test(name) || (name.endsWith('_PORT') && serviceAddress.test(value))
}

/** Every variable and the setting it stands for, for the documentation. */
export function listVariables(): readonly Variable[] {
  return walk(createJsonSchema(), [])
}

interface JsonSchema {
  readonly type?: string
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
}

/** Lists of objects, such as rules, are for files. */
function walk(schema: JsonSchema, path: readonly string[]): readonly Variable[] {
  const branches = schema.anyOf ?? [schema]
  const nested = branches.flatMap(branch =>
    Object.entries(branch.properties ?? {}).flatMap(([key, each]) => walk(each, [...path, key])),
  )
  const kind = kindOf(branches)
  return kind === null ? nested : [{ name: nameOf(path), path, kind }]
}

function kindOf(branches: readonly JsonSchema[]): Variable['kind'] | null {
  const has = (type: string): boolean => branches.some(branch => branch.type === type)
  const isList = branches.some(({ type, items }) => type === 'array' && items?.type === 'string')
  if (isList) return has('string') ? 'text or list' : 'list'
  if (has('string')) return 'text'
  if (has('integer')) return 'number'
  return has('boolean') ? 'boolean' : null
}

function nameOf(path: readonly string[]): string {
  const words = path.map(key => key.replace(/([A-Z])/g, '_$1').toUpperCase())
  return `CLOAKROOM_${words.join('_')}`
}

function readVariable(env: Environment, { name, kind }: Variable): unknown {
  const file = env[`${name}_FILE`]
  if (file !== undefined && env[name] !== undefined) {
    throw invalid(`\`${name}\` and \`${name}_FILE\` are both set. Remove one.`)
  }
  const text = (file === undefined ? env[name] : readSecret(name, file))?.trim()
  if (text === undefined || (text === '' && file === undefined)) return undefined
  const parse = parsers[kind]
  const value = parse(text)
  if (value !== undefined) return value
  throw invalid(`\`${name}\` must be a ${kind}.`)
}

const parsers: Readonly<Record<Variable['kind'], (text: string) => unknown>> = {
  text: text => (text === 'false' ? false : text),
  number: text => (/^\d+$/.test(text) ? Number(text) : undefined),
  boolean: text => ({ true: true, '1': true, false: false, '0': false })[text],
  list: splitList,
  'text or list'(text) {
    const parts = splitList(text)
    return parts.length === 1 ? text : parts
  },
}

function splitList(text: string): readonly string[] {
  return text.split(/\s*[,\n]\s*/)
}

function readSecret(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    const message = `\`${name}_FILE\` names the file ${path}, which cannot be read.`
    throw new ConfigError('ERR_OPTION_INVALID', message, { cause })
  }
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (found, key) =>
      typeof found === 'object' && found !== null ? Reflect.get(found, key) : undefined,
    value,
  )
}

/** A copy with a value put in its place. */
function withValue(config: unknown, [key, ...rest]: readonly string[], value: unknown): object {
  const own = typeof config === 'object' && config !== null ? config : {}
  if (key === undefined) return own
  const inner = rest.length === 0 ? value : withValue(Reflect.get(own, key), rest, value)
  return { ...own, [key]: inner }
}

function toObject(names: readonly string[]): object {
  return Object.fromEntries(names.map(name => [name, '']))
}

function invalid(message: string): ConfigError {
  return new ConfigError('ERR_OPTION_INVALID', message)
}
