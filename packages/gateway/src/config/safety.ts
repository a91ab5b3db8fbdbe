import { ConfigError } from 'cloakroom'
import type { GatewaySettings } from './settings.ts'

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/**
 * Refuses to run in a way that is not safe.
 *
 * @throws {ConfigError} naming everything that stands in the way, and how to go on.
 */
export function checkSafety(settings: GatewaySettings): void {
  const problems = settings.isDev ? findDevProblems(settings) : findProblems(settings)
  if (problems.length === 0) return
  const way = settings.isDev ? '' : ' To try it out on this machine, start it with `--dev`.'
  const list = problems.map(problem => `\n- ${problem}`).join('')
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `This is not safe to run:${list}\n${way.trim()}`.trim(),
  )
}

/** What is kept in memory, or signed with keys made up at the start, is for this machine alone. */
function findDevProblems({ host, origins }: GatewaySettings): readonly string[] {
  const problems: string[] = []
  if (!loopback.has(host)) problems.push(`\`dev\` is set, and \`listen.host\` is ${host}.`)
  for (const origin of origins) {
    const { hostname } = new URL(origin)
    const isOwn = loopback.has(hostname) || hostname.endsWith('.localhost')
    if (!isOwn) problems.push(`\`dev\` is set, and \`origin\` is ${origin}.`)
  }
  return problems
}

function findProblems(settings: GatewaySettings): readonly string[] {
  const { origins, redis, secret, cookieSecret, accounts, mail } = settings
  const checks: readonly (readonly [boolean, string])[] = [
    [
      origins.every(origin => origin.startsWith('https:')),
      '`origin` must say where browsers find the gateway, beginning with `https://`.',
    ],
    [redis !== null, '`redis` (or REDIS_URL) is missing, and memory forgets all sessions.'],
    [isSecret(secret), '`secret` (or SESSION_SECRET_KEY) is missing: `cloakroom init` makes one.'],
    [
      isSecret(cookieSecret),
      '`cookieSecret` (or COOKIE_SECRET_KEY) is missing: `cloakroom init` makes one.',
    ],
    [accounts !== undefined, '`accounts` is missing: `{ url }` of PostgreSQL, or `{ folder }`.'],
    [mail !== undefined, '`mail` is missing: `{ url, from }` of the server that sends links.'],
  ]
  return checks.flatMap(([isSafe, problem]) => (isSafe ? [] : [problem]))
}

function isSecret(secret: string | readonly string[] | undefined): boolean {
  return secret !== undefined && [secret].flat().every(each => each !== '')
}
