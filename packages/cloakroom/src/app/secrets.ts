import { ConfigError } from '../core/errors.ts'
import { randomText } from '../core/random.ts'
import { createKeyring, type Keyring } from '../crypto/keyring.ts'
import type { EnvironmentSettings } from '../web/environment.ts'

/** The secrets by what they are for. */
export interface Secrets {
  /** Seals sessions. */
  readonly secret?: string | readonly string[] | undefined
  /** Signs cookies. */
  readonly cookieSecret?: string | readonly string[] | undefined
  /** Signs and seals the audit trail; where there is none, the secret of sessions does. */
  readonly auditSecret?: string | readonly string[] | undefined
}

/** What a secret is for. */
export type SecretName = keyof Secrets

/** A ring for each secret. */
export interface Keyrings {
  readonly secret: Keyring
  readonly cookieSecret: Keyring
  readonly auditSecret: Keyring
}

/** Which secrets there are, and what may be done where there are none. */
export interface SecretSettings {
  readonly given: Secrets
  readonly environment: EnvironmentSettings
  /** Sessions in memory do not outlive the process, and need no lasting secret. */
  readonly isMemory: boolean
  readonly isProduction: boolean
}

/** The secrets that the environment holds. */
export function secretsOf(environment: EnvironmentSettings): Secrets {
  return {
    secret: environment.sessionSecrets,
    cookieSecret: environment.cookieSecrets,
    auditSecret: environment.auditSecrets,
  }
}

/** The rings to use. @throws {ConfigError} naming the secret that is missing. */
export function createKeyrings(settings: SecretSettings): Keyrings {
  const { given } = settings
  const found = secretsOf(settings.environment)
  const ringOf = (name: 'secret' | 'cookieSecret'): Keyring =>
    createKeyring(given[name] ?? found[name] ?? makeUp(settings, name), { name })
  const secret = ringOf('secret')
  const auditSecrets = given.auditSecret ?? found.auditSecret
  return {
    secret,
    cookieSecret: ringOf('cookieSecret'),
    auditSecret:
      auditSecrets === undefined
        ? secret
        : createKeyring(auditSecrets, { name: 'auditTrail.secret' }),
  }
}

const variables = { secret: 'SESSION_SECRET_KEY', cookieSecret: 'COOKIE_SECRET_KEY' }

function makeUp({ isMemory, isProduction }: SecretSettings, name: keyof typeof variables): string {
  if (isMemory && !isProduction) return randomText(43)
  throw new ConfigError(
    'ERR_SECRET_WEAK',
    `\`${name}\` is missing. Set \`${variables[name]}\` or the option: 32 characters or more, such as \`openssl rand -base64 33\` makes.`,
  )
}

/**
 * What the keys of rate limits are hashed with. It comes from the oldest secret, so that a new one in
 * front of it lets nobody begin to count anew.
 */
export function limiterSecret({ keys, newest }: Keyring): Uint8Array {
  return (keys.at(-1) ?? newest).derive('rate limit keys')
}
