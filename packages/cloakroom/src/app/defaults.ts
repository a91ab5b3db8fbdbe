import type { CookieOptions } from '../http/cookie-options.ts'
import type { SessionOptions } from '../sessions/policy.ts'
import type { EnvironmentSettings } from '../web/environment.ts'
import type { CloakroomOptions } from './options.ts'
import type { Secrets } from './secrets.ts'

/** On a laptop there is no https: cookies then work on loopback hosts, and only there. */
export function cookieDefaults(
  cookie: CookieOptions = {},
  { cookieDomain }: EnvironmentSettings,
  isProduction: boolean,
): CookieOptions {
  const domain = cookieDomain === undefined ? {} : { domain: cookieDomain }
  return { development: !isProduction, ...domain, ...cookie }
}

/** What the environment says, where the options are silent. */
export function sessionDefaults(
  session: SessionOptions = {},
  { sessionTimeoutMs, maxSessionsPerUser }: EnvironmentSettings,
): SessionOptions {
  const idle: SessionOptions =
    session.absolute === undefined ? { idle: `${sessionTimeoutMs}ms` } : {}
  return {
    ...idle,
    ...session,
    limit: session.limit === false ? false : { max: maxSessionsPerUser, ...session.limit },
  }
}

/** The secrets that options hold. */
export function givenSecrets({
  secret,
  cookieSecret,
  auditTrail,
}: Pick<CloakroomOptions, 'secret' | 'cookieSecret' | 'auditTrail'>): Secrets {
  const auditSecret = typeof auditTrail === 'object' ? auditTrail.secret : undefined
  return { secret, cookieSecret, auditSecret }
}
