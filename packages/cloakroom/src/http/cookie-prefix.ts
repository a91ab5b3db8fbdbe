import { ConfigError } from '../core/errors.ts'

/** What the prefix of a cookie's name is checked against. */
export interface PrefixedCookie {
  readonly name: string
  readonly secure: boolean
  readonly httpOnly: boolean
  readonly domain: string | undefined
  readonly path: string
}

/** A prefix chosen for a cookie, and what kept it from being a stronger one. */
export interface PrefixChoice {
  /** `''` when the settings allow none. */
  readonly prefix: string
  /** Settings that stand in the way of binding the cookie to one host; empty when none does. */
  readonly hindrances: readonly string[]
}

type Demand = 'secure' | 'httpOnly' | 'domain' | 'path'

interface Prefix {
  readonly text: string
  readonly demands: readonly Demand[]
}

const hostDemands: readonly Demand[] = ['secure', 'domain', 'path']

/**
 * RFC 6265bis, section 4.1.3, and for the `Http` pair the draft on layered cookies.
 *
 * `__Host-Http-` starts with `__Host-`, so browsers which do not know it enforce that half.
 */
const prefixes: readonly Prefix[] = [
  { text: '__Host-Http-', demands: ['httpOnly', ...hostDemands] },
  { text: '__Host-', demands: hostDemands },
  { text: '__Http-', demands: ['secure', 'httpOnly'] },
  { text: '__Secure-', demands: ['secure'] },
]

// Not `__Http-`: half of the browsers in use know nothing of it, and then it demands nothing.
const choices = prefixes.filter(({ text }) => text !== '__Http-')

const meets: Readonly<Record<Demand, (cookie: PrefixedCookie) => boolean>> = {
  secure: cookie => cookie.secure,
  httpOnly: cookie => cookie.httpOnly,
  domain: cookie => cookie.domain === undefined,
  path: cookie => cookie.path === '/',
}

const remedies: Readonly<Record<Demand, string>> = {
  secure: '`cookie.secure` is off',
  httpOnly: '`cookie.httpOnly` is off',
  domain: '`cookie.domain` is set',
  path: '`cookie.path` is not `/`',
}

/**
 * Checks that a cookie keeps what its prefix promises; browsers drop it otherwise, in silence.
 *
 * Browsers match prefixes in any case, so another spelling of one is refused as well: it would be
 * held to the same rules, and the comparison made here would miss it.
 *
 * @throws {ConfigError} naming the settings in the way.
 */
export function requirePrefixRules(cookie: PrefixedCookie): void {
  const lower = cookie.name.toLowerCase()
  const prefix = prefixes.find(({ text }) => lower.startsWith(text.toLowerCase()))
  if (prefix === undefined) return
  const { text } = prefix
  if (!cookie.name.startsWith(text)) throw unsafe(`must spell its prefix \`${text}\` exactly so`)
  const unmet = prefix.demands.filter(demand => !meets[demand](cookie))
  if (unmet.length === 0) return
  const why = unmet.map(demand => remedies[demand]).join(', ')
  throw unsafe(`starts with \`${text}\`, so browsers would drop the cookie: ${why}`)
}

/** The strongest prefix that browsers accept for a cookie with these settings. */
export function choosePrefix(settings: Omit<PrefixedCookie, 'name'>): PrefixChoice {
  const cookie = { name: '', ...settings }
  const isOpen = (prefix: Prefix): boolean => prefix.demands.every(demand => meets[demand](cookie))
  const found = choices.find(isOpen)
  const hindrances = hostDemands.filter(demand => !meets[demand](cookie))
  return { prefix: found?.text ?? '', hindrances: hindrances.map(demand => remedies[demand]) }
}

/** A name without its prefix. */
export function withoutPrefix(name: string): string {
  const prefix = prefixes.find(({ text }) => name.startsWith(text))
  return prefix === undefined ? name : name.slice(prefix.text.length)
}

function unsafe(problem: string): ConfigError {
  return new ConfigError('ERR_COOKIE_UNSAFE', `\`cookie.name\` ${problem}.`)
}
