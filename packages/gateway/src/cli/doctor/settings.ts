import { stat } from 'node:fs/promises'
import { ConfigError, createCloakroom } from 'cloakroom'
import type { GatewayConfig } from '../../config/config.ts'
import type { Environment } from '../../config/environment.ts'
import { type Finding, failure, ok, warning } from './finding.ts'

const isWindows = process.platform === 'win32'

/** Whether the secrets are there, strong, different, and nobody else's to read. */
export async function checkSecrets(
  { secret, cookieSecret }: GatewayConfig,
  env: Environment,
): Promise<readonly Finding[]> {
  const findings = [
    checkSecret('SESSION_SECRET_KEY', secret),
    checkSecret('COOKIE_SECRET_KEY', cookieSecret),
  ]
  const shared = [cookieSecret ?? []].flat().some(each => [secret ?? []].flat().includes(each))
  if (shared) {
    findings.push(
      warning('secrets-apart', 'The same secret seals sessions and signs cookies. Use two.'),
    )
  }
  for (const name of ['SESSION_SECRET_KEY_FILE', 'COOKIE_SECRET_KEY_FILE']) {
    const path = env[name]
    const mode = path === undefined ? 0 : await modeOf(path)
    if ((mode & 0o004) !== 0 && !isWindows) {
      findings.push(
        warning('secret-file', `Everybody on this machine can read ${path}: chmod o-r.`),
      )
    }
  }
  return findings
}

function checkSecret(name: string, given: GatewayConfig['secret']): Finding {
  const check = name === 'SESSION_SECRET_KEY' ? 'session-secret' : 'cookie-secret'
  if (given === undefined) {
    return failure(check, `\`${name}\` is missing. \`cloakroom keys generate\` makes one.`)
  }
  const secrets = [given].flat()
  try {
    createCloakroom({ secret: secrets, audit: false, env: {} }).close()
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    return failure(check, error.message.replace('`secret`', `\`${name}\``))
  }
  const weakest = Math.min(...secrets.map(estimateBits))
  if (weakest < 128) {
    return warning(
      check,
      `\`${name}\` looks as if it were worth ${Math.round(weakest)} bits only. \`cloakroom keys generate\` makes better ones.`,
    )
  }
  const count = secrets.length === 1 ? 'one secret' : `${secrets.length} secrets`
  return ok(check, `\`${name}\` holds ${count}.`)
}

/** By how often each character occurs: a phrase in words falls short, random text does not. */
function estimateBits(secret: string): number {
  const counts = new Map<string, number>()
  for (const character of secret) counts.set(character, (counts.get(character) ?? 0) + 1)
  const shares = [...counts.values()].map(count => count / secret.length)
  return -shares.reduce((sum, share) => sum + share * Math.log2(share), 0) * secret.length
}

async function modeOf(path: string): Promise<number> {
  return stat(path).then(
    found => found.mode,
    () => 0,
  )
}

const loopback = ['localhost', '127.0.0.1', '[::1]']

/** Whether browsers will keep the cookies that are set for the public origin. */
export function checkCookies(config: GatewayConfig, env: Environment): readonly Finding[] {
  const { origin } = config
  if (origin === undefined) {
    return [
      warning('cookies', '`origin` is not set, so that nobody can tell whether cookies arrive.'),
    ]
  }
  if (!URL.canParse(origin))
    return [failure('cookies', `\`origin\` is ${origin}, which is no origin.`)]
  const { protocol, hostname } = new URL(origin)
  const isHere = loopback.includes(hostname) || hostname.endsWith('.localhost')
  if (protocol !== 'https:' && !isHere) {
    return [
      failure('cookies', `\`origin\` is ${origin}: browsers drop Secure cookies without https.`),
    ]
  }
  const domain = env['COOKIE_DOMAIN']?.replace(/^\./, '')
  if (domain !== undefined && domain !== hostname && !hostname.endsWith(`.${domain}`)) {
    return [
      failure('cookies', `\`COOKIE_DOMAIN\` is ${domain}, and browsers at ${hostname} refuse it.`),
    ]
  }
  if (domain !== undefined) {
    return [
      warning(
        'cookies',
        `\`COOKIE_DOMAIN\` is set: every host below ${domain} is sent the cookie, and may plant one.`,
      ),
    ]
  }
  return [ok('cookies', `Browsers at ${origin} keep the cookie, and no other host sees it.`)]
}

/** Whether addresses and https are taken from those who may say so, and from nobody else. */
export function checkProxies({
  trustProxy = [],
  origin = '',
  listen,
}: GatewayConfig): readonly Finding[] {
  const wide = trustProxy.filter(range => /\/0$/.test(range))
  if (wide.length > 0) {
    return [
      failure(
        'proxy',
        `\`trustProxy\` holds ${wide.join(', ')}: any client may say where it comes from.`,
      ),
    ]
  }
  const isBehind = origin.startsWith('https:')
  if (isBehind && trustProxy.length === 0) {
    return [
      warning(
        'proxy',
        '`origin` is https, so a proxy must end TLS, and `trustProxy` names none: all clients then share its address.',
      ),
    ]
  }
  if (trustProxy.length === 0) return [ok('proxy', 'Addresses are those of the connections.')]
  const host = listen?.host ?? '127.0.0.1'
  const isOpen = host === '0.0.0.0' || host === '::'
  return [
    ok(
      'proxy',
      `X-Forwarded headers count from ${trustProxy.join(', ')}${isOpen ? '; let nobody else reach the port' : ''}.`,
    ),
  ]
}
