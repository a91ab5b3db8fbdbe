import { parseDuration } from '../core/duration.ts'
import { ConfigError } from '../core/errors.ts'
import { refuseUnknown, requireOneOf } from '../core/options.ts'
import { createCspWriter, createNonces } from './content-security-policy.ts'
import {
  type HeaderSettings,
  resolveHeaders,
  type SecurityHeadersOptions,
  type StrictTransportSecurity,
} from './headers-options.ts'
import { serializePermissions } from './permissions-policy.ts'

/** What {@link SecurityHeaders.headersFor} needs to know of a response. */
export interface SecuredResponse {
  readonly isSecure: boolean
  readonly isLoopback?: boolean | undefined
  /** From `createNonce`. The response must then be `no-store`: a cached nonce is no secret. */
  readonly nonce?: string | undefined
}

/** Names and values of headers, names in lower case. */
export type HeaderList = readonly (readonly [name: string, value: string])[]

/** Gives the security headers of responses. */
export interface SecurityHeaders {
  /**
   * Set them before the handler runs, so that errors, redirects and refusals carry them as well; a
   * header that the handler sets itself takes their place.
   */
  headersFor(response: SecuredResponse): HeaderList
  /** A nonce for one response. */
  createNonce(): string
}

const wordHeaders = [
  {
    setting: 'referrerPolicy',
    header: 'referrer-policy',
    words: ['same-origin', 'strict-origin', 'strict-origin-when-cross-origin'],
  },
  {
    setting: 'crossOriginOpenerPolicy',
    header: 'cross-origin-opener-policy',
    words: ['same-origin', 'same-origin-allow-popups', 'noopener-allow-popups', 'unsafe-none'],
  },
  {
    setting: 'crossOriginResourcePolicy',
    header: 'cross-origin-resource-policy',
    words: ['same-origin', 'same-site', 'cross-origin'],
  },
  {
    setting: 'crossOriginEmbedderPolicy',
    header: 'cross-origin-embedder-policy',
    words: ['require-corp', 'credentialless'],
  },
  { setting: 'frameOptions', header: 'x-frame-options', words: ['DENY', 'SAMEORIGIN'] },
] as const

const switchHeaders = [
  { setting: 'contentTypeOptions', header: 'x-content-type-options', value: 'nosniff' },
  { setting: 'originAgentCluster', header: 'origin-agent-cluster', value: '?1' },
  { setting: 'xssProtection', header: 'x-xss-protection', value: '0' },
] as const

const yearMs = 365 * 86_400_000

/**
 * Makes the {@link SecurityHeaders} of an application. All that can be is written beforehand.
 *
 * @throws {ConfigError} naming the setting at fault.
 */
export function createSecurityHeaders(options: SecurityHeadersOptions = {}): SecurityHeaders {
  const settings = resolveHeaders(options)
  const fixed = fixedHeaders(settings)
  const transport = transportHeaders(settings.strictTransportSecurity)
  const policy = settings.contentSecurityPolicy
  const writeCsp = policy === false ? null : createCspWriter(policy)
  const cspName = `content-security-policy${settings.reportOnly ? '-report-only' : ''}`

  const withTransport = [...fixed, ...transport]
  return {
    createNonce: createNonces(),
    headersFor({ isSecure, isLoopback, nonce }) {
      const prepared = isSecure && !isLoopback ? withTransport : fixed
      return writeCsp === null ? prepared : [[cspName, writeCsp({ isSecure, nonce })], ...prepared]
    },
  }
}

function fixedHeaders(settings: HeaderSettings): HeaderList {
  const headers: (readonly [string, string])[] = []
  refuseNoReferrer(settings.referrerPolicy)
  for (const { setting, header, words } of wordHeaders) {
    const value = settings[setting]
    if (value === false) continue
    headers.push([header, requireOneOf<string>(`headers.${setting}`, value, words)])
  }
  for (const { setting, header, value } of switchHeaders) {
    if (settings[setting]) headers.push([header, value])
  }
  const { permissionsPolicy } = settings
  if (permissionsPolicy !== false) {
    headers.push(['permissions-policy', serializePermissions(permissionsPolicy)])
  }
  return headers
}

function refuseNoReferrer(policy: unknown): void {
  if (policy !== 'no-referrer') return
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    '`headers.referrerPolicy` is `no-referrer`, under which browsers send `Origin: null` with the forms of this very site. Use `same-origin`.',
  )
}

function transportHeaders(setting: StrictTransportSecurity | false): HeaderList {
  if (setting === false) return []
  const name = 'headers.strictTransportSecurity'
  refuseUnknown(name, setting, ['maxAge', 'includeSubDomains', 'preload'])
  const { maxAge = yearMs, includeSubDomains = true, preload = false } = setting
  const ms = parseDuration(maxAge, `${name}.maxAge`, { min: 0, max: 10 * yearMs })
  if (preload && (!includeSubDomains || ms < yearMs)) {
    throw new ConfigError(
      'ERR_OPTION_INVALID',
      `\`${name}.preload\` asks for \`includeSubDomains\` and a \`maxAge\` of a year or more.`,
    )
  }
  const words = [`max-age=${Math.floor(ms / 1000)}`]
  if (includeSubDomains) words.push('includeSubDomains')
  if (preload) words.push('preload')
  return [['strict-transport-security', words.join('; ')]]
}
