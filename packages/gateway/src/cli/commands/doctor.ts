import { openPostgres } from '@cloakroom/accounts/sql'
import { ConfigError, createCloakroom } from 'cloakroom'
import { createClient } from 'redis'
import type { GatewayConfig } from '../../config/config.ts'
import { resolveSettings } from '../../config/settings.ts'
import { readConfig } from '../config-flags.ts'
import { type Finding, failure, ok } from '../doctor/finding.ts'
import { checkRights, describeHealth } from '../doctor/redis.ts'
import { checkCookies, checkProxies, checkSecrets } from '../doctor/settings.ts'
import { officeFlags } from '../office.ts'
import { printJson } from '../output.ts'
import { makeSecret } from '../secret-file.ts'
import { type Terminal, textOf, type Verb, type VerbArgs } from '../verb.ts'

const signs = { ok: '✓', warning: '!', failure: '✗' }

/** Looks whether everything is as it must be. */
export const doctor: Verb = {
  summary: 'Looks at settings, secrets, Redis and the database, and says what to change',
  args: {
    strict: { type: 'boolean', description: 'Fails for what is only a warning, too' },
    ...officeFlags,
  },
  async run(args, terminal) {
    const findings = await examine(args, terminal)
    const failures = findings.filter(({ state }) => state === 'failure').length
    const warnings = findings.filter(({ state }) => state === 'warning').length
    const isWell = failures === 0 && (args['strict'] !== true || warnings === 0)
    if (args['json'] === true) printJson(terminal, { isWell, findings })
    else {
      for (const { state, message } of findings) terminal.print(`${signs[state]} ${message}`)
      terminal.print(`\n${failures} to be changed, ${warnings} that should be.`)
    }
    return isWell ? 0 : 1
  },
}

async function examine(args: VerbArgs, terminal: Terminal): Promise<readonly Finding[]> {
  const { env } = terminal
  let config: GatewayConfig
  try {
    config = (await readConfig(args, terminal)).config
  } catch (error) {
    if (error instanceof ConfigError) return [failure('configuration', error.message)]
    throw error
  }
  return [
    ...checkConfiguration(config),
    ...(await checkSecrets(config, env)),
    ...checkCookies(config, env),
    ...checkProxies(config),
    ...(await checkRedis(config, textOf(args, 'prefix') ?? 'cr:')),
    ...(await checkAccounts(config)),
  ]
}

/** An application without a gateway has no app behind one. */
function checkConfiguration(config: GatewayConfig): readonly Finding[] {
  if (config.to === undefined && config.apps === undefined) return []
  try {
    resolveSettings(config)
    return [ok('configuration', 'The configuration of the gateway is sound and safe.')]
  } catch (error) {
    if (error instanceof ConfigError) return [failure('configuration', error.message)]
    throw error
  }
}

async function checkRedis(
  { redis: url }: GatewayConfig,
  prefix: string,
): Promise<readonly Finding[]> {
  if (url === undefined) {
    return [failure('redis', '`REDIS_URL` is missing: sessions would be kept in memory.')]
  }
  const client = createClient({ url })
  client.on('error', () => undefined)
  // Nothing is sealed or signed with them.
  const secrets = { secret: makeSecret(), cookieSecret: makeSecret() }
  const cloakroom = createCloakroom({ redis: client, ...secrets, audit: false, env: {} })
  try {
    const health = await cloakroom.checkHealth()
    if (health === null) return []
    return [...describeHealth(health), ...(health.ok ? await checkRights(url, prefix) : [])]
  } finally {
    cloakroom.close()
    client.destroy()
  }
}

async function checkAccounts({ accounts }: GatewayConfig): Promise<readonly Finding[]> {
  if (accounts === undefined || !('url' in accounts)) return []
  try {
    const database = await openPostgres(accounts)
    await database.close()
    return [ok('accounts', 'The database of accounts answers.')]
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return [failure('accounts', `The database of accounts cannot be used: ${reason}`)]
  }
}
