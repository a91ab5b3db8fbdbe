import { readFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.ts'
import { describeValue } from '../core/options.ts'
import { createKeyring } from '../crypto/keyring.ts'

/** Environment variables, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>

/** What the environment says. Holds secrets: do not print it. */
export interface EnvironmentSettings {
  readonly redisUrl: string | undefined
  /** Newest first. */
  readonly sessionSecrets: readonly string[] | undefined
  /** Newest first. */
  readonly cookieSecrets: readonly string[] | undefined
  /** Newest first. */
  readonly auditSecrets: readonly string[] | undefined
  /** Without a dot in front. */
  readonly cookieDomain: string | undefined
  /** From `SESSION_TIMEOUT`, which counts seconds. @default 3600 s */
  readonly sessionTimeoutMs: number
  /** From `CSRF_TIMEOUT`, which counts seconds. @default 1800 s */
  readonly csrfTimeoutMs: number
  /** @default 5 */
  readonly maxSessionsPerUser: number
}

interface NumberBounds {
  readonly fallback: number
  readonly max: number
  /** Added to the message when the value lies above `max`. */
  readonly hint: string
}

const secondsHint = ' It counts seconds; did you write milliseconds?'
const longestSeconds = 400 * 86_400

/**
 * Reads the settings that operators give as environment variables: `REDIS_URL`,
 * `SESSION_SECRET_KEY`, `COOKIE_SECRET_KEY`, `AUDIT_SECRET_KEY`, `COOKIE_DOMAIN`, `SESSION_TIMEOUT`,
 * `CSRF_TIMEOUT` and `MAX_SESSIONS_PER_USER`.
 *
 * A secret may be a list with commas, the newest first. `REDIS_URL_FILE`, `SESSION_SECRET_KEY_FILE`,
 * `COOKIE_SECRET_KEY_FILE` and `AUDIT_SECRET_KEY_FILE` name a file that holds the value instead. Where a safe default
 * exists, an empty variable counts as not set; an empty address or secret is a mistake.
 *
 * @throws {ConfigError} naming every mistake at once, and showing no secret.
 */
export function readEnvironment(env: Environment): EnvironmentSettings {
  const mistakes: ConfigError[] = []
  function attempt<Value>(read: () => Value, otherwise: Value): Value {
    try {
      return read()
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      mistakes.push(error)
      return otherwise
    }
  }
  const seconds = (name: string, fallback: number): number =>
    readNumber(env, name, { fallback, max: longestSeconds, hint: secondsHint })
  const settings = {
    redisUrl: attempt(() => readRedisUrl(env), undefined),
    sessionSecrets: attempt(() => readSecrets(env, 'SESSION_SECRET_KEY'), undefined),
    cookieSecrets: attempt(() => readSecrets(env, 'COOKIE_SECRET_KEY'), undefined),
    auditSecrets: attempt(() => readSecrets(env, 'AUDIT_SECRET_KEY'), undefined),
    cookieDomain: attempt(() => readDomain(env), undefined),
    sessionTimeoutMs: attempt(() => seconds('SESSION_TIMEOUT', 3600) * 1000, 0),
    csrfTimeoutMs: attempt(() => seconds('CSRF_TIMEOUT', 1800) * 1000, 0),
    maxSessionsPerUser: attempt(() => readSessionLimit(env), 0),
  }
  refuseMistakes(mistakes)
  return settings
}

function refuseMistakes(mistakes: readonly ConfigError[]): void {
  const [first] = mistakes
  if (first === undefined) return
  if (mistakes.length === 1) throw first
  const list = mistakes.map(mistake => `- ${mistake.message}`).join('\n')
  throw new ConfigError(first.code, `The environment has ${mistakes.length} mistakes:\n${list}`)
}

function readRedisUrl(env: Environment): string | undefined {
  const text = readTextOrFile(env, 'REDIS_URL')
  if (text === undefined) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  const isRedis = url?.protocol === 'redis:' || url?.protocol === 'rediss:'
  if (isRedis && url.hostname !== '') return text
  // The address itself may hold a password.
  throw invalid('REDIS_URL', 'is no address such as `redis://localhost:6379`.')
}

function readSecrets(env: Environment, name: string): readonly string[] | undefined {
  const text = readTextOrFile(env, name)
  if (text === undefined) return undefined
  const secrets = text.split(/\s*[,\n]\s*/)
  createKeyring(secrets, { name })
  return secrets
}

function readDomain(env: Environment): string | undefined {
  const text = readText(env, 'COOKIE_DOMAIN')
  if (text === undefined) return undefined
  // A dot in front means nothing any more (RFC 6265, section 5.2.3), but many still write it.
  const domain = text.toLowerCase().replace(/^\./, '')
  const label = '(?!-)[a-z0-9-]{1,63}(?<!-)'
  const isDomain = new RegExp(`^(${label}\\.)+(?=.*[a-z])${label}$`).test(domain)
  if (isDomain) return domain
  const problem = `is ${describeValue(text)} and must be a domain such as \`example.com\`: no scheme, port or path.`
  throw invalid('COOKIE_DOMAIN', problem)
}

function readSessionLimit(env: Environment): number {
  return readNumber(env, 'MAX_SESSIONS_PER_USER', { fallback: 5, max: 100_000, hint: '' })
}

function readNumber(env: Environment, name: string, bounds: NumberBounds): number {
  const { fallback, max, hint } = bounds
  const text = readText(env, name)
  if (text === undefined) return fallback
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (value >= 1 && value <= max) return value
  const end = value > max ? hint : ''
  const range = `must be a whole number from 1 to ${max}`
  throw invalid(name, `is ${describeValue(text)} and ${range}.${end}`)
}

/** Of a variable without which a server would be less safe, or would forget everything. */
function readTextOrFile(env: Environment, name: string): string | undefined {
  const path = env[`${name}_FILE`]
  if (path === undefined && env[name] === undefined) return undefined
  if (path !== undefined && env[name] !== undefined) {
    throw invalid(name, `and \`${name}_FILE\` are both set. Remove one.`)
  }
  const text = path === undefined ? readText(env, name) : readFile(`${name}_FILE`, path)
  if (text !== undefined && text !== '') return text
  throw invalid(
    path === undefined ? name : `${name}_FILE`,
    'gives an empty value. Fill or remove it.',
  )
}

function readText(env: Environment, name: string): string | undefined {
  const text = env[name]?.trim()
  return text === '' ? undefined : text
}

function readFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch (cause) {
    const problem = `names the file ${describeValue(path)}, which cannot be read.`
    throw new ConfigError('ERR_OPTION_INVALID', `\`${name}\` ${problem}`, { cause })
  }
}

function invalid(name: string, problem: string): ConfigError {
  return new ConfigError('ERR_OPTION_INVALID', `\`${name}\` ${problem}`)
}
