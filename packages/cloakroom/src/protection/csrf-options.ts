import { type Duration, parseDuration } from '../core/duration.ts'
import { ConfigError } from '../core/errors.ts'
import { refuseUnknown, requireOneOf } from '../core/options.ts'
import { parseOrigins } from '../http/origin.ts'

/**
 * When a request must carry a token: `'always'`, when its headers do not prove where it comes from
 * (`'unproven'`), or `'never'`, which lets pass what is not known to come from another site.
 */
export type CsrfTokenDemand = 'always' | 'unproven' | 'never'

/** Settings of the protection against forged requests. */
export interface CsrfOptions {
  /** How long a token is good for. @default '30m' */
  readonly timeout?: Duration | undefined
  /** Asked of requests with a session. @default 'always' */
  readonly token?: CsrfTokenDemand | undefined
  /** Asked of requests without a session, so that nobody is signed in unawares. @default 'unproven' */
  readonly visitorToken?: CsrfTokenDemand | undefined
  /** Header that carries the token. @default 'x-csrf-token' */
  readonly headerName?: string | undefined
  /** Field of a form or JSON body that carries the token. @default '_csrf' */
  readonly fieldName?: string | undefined
  /** Other origins whose pages may send requests, such as `https://admin.example.org`. */
  readonly trustedOrigins?: readonly string[] | undefined
  /** Lets pages of the same registrable domain send requests. @default false */
  readonly allowSameSite?: boolean | undefined
  /** Requests that are not checked, such as webhooks that prove themselves otherwise. */
  readonly exempt?: readonly CsrfExemption[] | undefined
  /** Lets everything pass and only tells what would have been refused. @default false */
  readonly reportOnly?: boolean | undefined
}

/** One method and path that is not checked. Both must match exactly; there are no patterns. */
export interface CsrfExemption {
  readonly method: string
  readonly path: string
}

/** {@link CsrfOptions}, checked. */
export interface CsrfPolicy {
  readonly timeoutMs: number
  readonly demands: Readonly<Record<'session' | 'visitor', CsrfTokenDemand>>
  readonly headerName: string
  readonly fieldName: string
  readonly trustedOrigins: readonly string[]
  readonly allowSameSite: boolean
  /** Method and path, a space in between. */
  readonly exempt: ReadonlySet<string>
  readonly reportOnly: boolean
}

const known: readonly (keyof CsrfOptions)[] = [
  'timeout',
  'token',
  'visitorToken',
  'headerName',
  'fieldName',
  'trustedOrigins',
  'allowSameSite',
  'exempt',
  'reportOnly',
]

const demands: readonly CsrfTokenDemand[] = ['always', 'unproven', 'never']

/** Checks the settings. @throws {ConfigError} naming the one at fault. */
export function resolveCsrf(options: CsrfOptions): CsrfPolicy {
  refuseUnknown('csrf', options, known)
  return {
    timeoutMs: parseDuration(options.timeout ?? '30m', 'csrf.timeout', { min: 1000 }),
    demands: {
      session: requireOneOf('csrf.token', options.token ?? 'always', demands),
      visitor: requireOneOf('csrf.visitorToken', options.visitorToken ?? 'unproven', demands),
    },
    headerName: requireHeaderName(options.headerName ?? 'x-csrf-token'),
    fieldName: requireFieldName(options.fieldName ?? '_csrf'),
    trustedOrigins: parseOrigins(options.trustedOrigins, 'csrf.trustedOrigins'),
    allowSameSite: options.allowSameSite ?? false,
    exempt: new Set((options.exempt ?? []).map(requireExemption)),
    reportOnly: options.reportOnly ?? false,
  }
}

function requireHeaderName(name: string): string {
  if (/^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(name) && !/^cookie$/i.test(name)) {
    return name.toLowerCase()
  }
  throw invalid('headerName', 'must be the name of a header other than Cookie')
}

function requireFieldName(name: string): string {
  if (name !== '') return name
  throw invalid('fieldName', 'must not be empty')
}

function requireExemption({ method, path }: CsrfExemption): string {
  if (/^[A-Z]+$/.test(method) && /^\/[^?#\s]*$/.test(path)) return `${method} ${path}`
  throw invalid(
    'exempt',
    "must hold a method in capitals and a path without a query, such as { method: 'POST', path: '/hooks/mail' }",
  )
}

function invalid(name: string, problem: string): ConfigError {
  return new ConfigError('ERR_OPTION_INVALID', `\`csrf.${name}\` ${problem}.`)
}
