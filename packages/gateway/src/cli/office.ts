import { accountRolePermissions, accountRules } from '@cloakroom/accounts'
import type { ArgsDef } from 'citty'
import { type Cloakroom, ConfigError, createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import type { GatewayConfig } from '../config/config.ts'
import { readConfig } from './config-flags.ts'
import { type Terminal, textOf, type VerbArgs } from './verb.ts'

/** Flags of every verb that looks into Redis. */
export const officeFlags: ArgsDef = {
  config: { type: 'string', description: 'The file with the configuration', valueHint: 'path' },
  prefix: { type: 'string', description: 'What keys in Redis begin with', valueHint: 'cr:' },
  json: { type: 'boolean', description: 'Prints JSON' },
}

/** Who does what the command does, as events name it. */
export const operator = { actorId: 'operator' }

/** Sessions, limits and the audit trail, from outside of any application. */
export interface Office {
  readonly cloakroom: Cloakroom
  readonly config: GatewayConfig
}

/**
 * Opens what the configuration or the environment names, does something, and closes it again: what
 * was done is then in the audit trail. Serves applications without a gateway as well.
 *
 * @throws {ConfigError} when Redis or the secret of sessions is not named.
 */
export async function withOffice<Result>(
  args: VerbArgs,
  terminal: Terminal,
  work: (office: Office) => Promise<Result>,
): Promise<Result> {
  const { config } = await readConfig(args, terminal)
  const { redis: url, secret } = config
  if (url === undefined) throw missing('REDIS_URL')
  if (secret === undefined) throw missing('SESSION_SECRET_KEY')
  const client = createClient({ url })
  // What fails is told by the command that failed.
  client.on('error', () => undefined)
  const { AUDIT_SECRET_KEY, AUDIT_SECRET_KEY_FILE } = terminal.env
  const prefix = textOf(args, 'prefix')
  const cloakroom = createCloakroom({
    redis: client,
    secret,
    cookieSecret: config.cookieSecret ?? secret,
    env: { AUDIT_SECRET_KEY, AUDIT_SECRET_KEY_FILE },
    ...(prefix !== undefined && { prefix }),
    rateLimit: { rules: accountRules },
    roles: { permissions: accountRolePermissions },
    audit: false,
    auditTrail: true,
    reloadSecrets: false,
  })
  try {
    const result = await work({ cloakroom, config })
    await cloakroom.auditTrail?.flush()
    return result
  } finally {
    cloakroom.close()
    client.destroy()
  }
}

function missing(variable: string): ConfigError {
  return new ConfigError(
    'ERR_OPTION_INVALID',
    `\`${variable}\` is missing. Set it, or name the configuration with \`--config\`.`,
  )
}
