import { ConfigError } from '../core/errors.ts'
import { randomText } from '../core/random.ts'

/**
 * Directives of a Content-Security-Policy, each with its sources.
 *
 * Keywords are quoted inside the text, as in the header: `"'self'"`. `"'nonce'"` stands for the nonce
 * of the response. A directive without sources is written alone.
 */
export type CspDirectives = Readonly<Record<string, readonly string[]>>

/** What a {@link CspWriter} needs to know of a response. */
export interface CspResponse {
  readonly isSecure: boolean
  readonly nonce?: string | undefined
}

/** Gives the policy of a response. Where there is no nonce, nothing is composed. */
export type CspWriter = (response: CspResponse) => string

/** For pages: own scripts and styles, and inline ones that carry the nonce of the response. */
export const htmlPolicy: CspDirectives = {
  'default-src': ["'self'"],
  'script-src': ["'self'", "'nonce'", "'strict-dynamic'"],
  'style-src': ["'self'", "'nonce'"],
  'img-src': ["'self'", 'data:'],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'upgrade-insecure-requests': [],
}

/** For answers that no browser shows as a page. */
export const jsonPolicy: CspDirectives = {
  'default-src': ["'none'"],
  'frame-ancestors': ["'none'"],
}

const nonceSource = "'nonce'"

const bareKeyword =
  /^(?:none|self|unsafe-\w[\w-]*|wasm-unsafe-eval|strict-dynamic|report-sample|script|inline-speculation-rules|nonce|(?:nonce|sha256|sha384|sha512)-.*)$/i

/**
 * Prepares a policy.
 *
 * `upgrade-insecure-requests` is sent over https only, since Safari applies it to `localhost` as
 * well. Without a nonce, `'strict-dynamic'` is left out too: alone it would forbid every script.
 *
 * @throws {ConfigError} naming the directive, when a source would end it or is a keyword without
 * its quotes, which browsers take for a host name.
 */
export function createCspWriter(directives: CspDirectives): CspWriter {
  for (const [name, sources] of Object.entries(directives)) requireDirective(name, sources)
  const secure = compose(directives, true)
  const insecure = compose(directives, false)
  return ({ isSecure, nonce }) => {
    const policy = isSecure ? secure : insecure
    if (nonce === undefined) return policy.plain
    const source = `'nonce-${requireNonce(nonce)}'`
    return policy.aroundNonces.reduce((before, after) => before + source + after)
  }
}

/**
 * Makes a giver of nonces of 132 bits, each for one response. Take one before the handler runs; the
 * template needs it. They are drawn many at a time: asking the system costs more than the rest.
 */
export function createNonces(): () => string {
  let drawn = ''
  let place = 0
  return () => {
    if (place === drawn.length) {
      drawn = randomText(nonceLength * noncesPerDraw)
      place = 0
    }
    place += nonceLength
    return drawn.slice(place - nonceLength, place)
  }
}

const nonceLength = 22
const noncesPerDraw = 64

function compose(
  directives: CspDirectives,
  isSecure: boolean,
): { plain: string; aroundNonces: readonly string[] } {
  const entries = Object.entries(directives).filter(
    ([name]) => isSecure || name !== 'upgrade-insecure-requests',
  )
  return { plain: join(withoutNonce(entries)), aroundNonces: join(entries).split(nonceSource) }
}

type Entries = readonly (readonly [string, readonly string[]])[]

function join(entries: Entries): string {
  return entries.map(([name, sources]) => [name, ...sources].join(' ')).join('; ')
}

function withoutNonce(entries: Entries): Entries {
  return entries.map(([name, sources]) => {
    if (!sources.includes(nonceSource)) return [name, sources]
    const kept = sources.filter(each => each !== nonceSource && each !== "'strict-dynamic'")
    return [name, kept.length > 0 ? kept : ["'none'"]]
  })
}

function requireDirective(name: string, sources: readonly string[]): void {
  if (!/^[a-z][a-z-]*$/.test(name) || !Array.isArray(sources)) {
    throw invalid(name, 'is no directive with a list of sources')
  }
  for (const source of sources) {
    if (typeof source !== 'string' || !/^[\x21-\x2b\x2d-\x3a\x3c-\x7e]+$/.test(source)) {
      throw invalid(name, `holds ${JSON.stringify(source)}, which would break the header`)
    }
    if (bareKeyword.test(source)) throw invalid(name, `holds ${source}; write "'${source}'"`)
  }
}

// At least 128 bits of base64 (CSP Level 3, section 2.3.1), and no way out of the quotes.
function requireNonce(nonce: string): string {
  if (/^[\w+/-]{22,}={0,2}$/.test(nonce)) return nonce
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    '`nonce` must be at least 22 characters of base64. Take one of Cloakroom’s for each response.',
  )
}

function invalid(name: string, problem: string): ConfigError {
  return new ConfigError(
    'ERR_OPTION_INVALID',
    `\`headers.contentSecurityPolicy\` \`${name}\` ${problem}.`,
  )
}
