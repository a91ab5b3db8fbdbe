import { ConfigError } from '../core/errors.ts'
import { randomText } from '../core/random.ts'
import { createKeyring } from '../crypto/keyring.ts'
import type { EnvironmentSettings } from '../web/environment.ts'

/** Which secrets there are, and what may be done where there are none. */
export interface SecretSettings {
  readonly secret: string | readonly string[] | undefined
  readonly cookieSecret: string | readonly string[] | undefined
  readonly environment: EnvironmentSettings
  /** Sessions in memory do not outlive the process, and need no lasting secret. */
  readonly isMemory: boolean
  readonly isProduction: boolean
}

/** The secrets to use. @throws {ConfigError} naming the one that is missing. */
export function resolveSecrets(settings: SecretSettings): {
  secret: string | readonly string[]
  cookieSecret: string | readonly string[]
} {
  const { environment } = settings
  return {
    secret: settings.secret ?? environment.sessionSecrets ?? replace(settings, sessionSecret),
    cookieSecret:
      settings.cookieSecret ?? environment.cookieSecrets ?? replace(settings, cookieSecret),
  }
}

const sessionSecret = { option: 'secret', variable: 'SESSION_SECRET_KEY' }
const cookieSecret = { option: 'cookieSecret', variable: 'COOKIE_SECRET_KEY' }

function replace(
  { isMemory, isProduction }: SecretSettings,
  { option, variable }: typeof sessionSecret,
): string {
  if (isMemory && !isProduction) return randomText(43)
  throw new ConfigError(
    'ERR_SECRET_WEAK',
    `\`${option}\` is missing. Set \`${variable}\` or the option: 32 characters or more, such as \`openssl rand -base64 33\` makes.`,
  )
}

/**
 * What the keys of rate limits are hashed with. It comes from the oldest secret, so that a new one in
 * front of it lets nobody begin to count anew.
 */
export function limiterSecret(secrets: string | readonly string[]): Uint8Array {
  const { keys, newest } = createKeyring(secrets, { name: 'secret' })
  return (keys.at(-1) ?? newest).derive('rate limit keys')
}
