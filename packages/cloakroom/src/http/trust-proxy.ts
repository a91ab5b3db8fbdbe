import { ConfigError } from '../core/errors.ts'
import { requireInteger } from '../core/options.ts'
import { type IpAddress, isWithin, parseIp } from './ip.ts'

/**
 * Which proxies in front of the server may say where a request came from.
 *
 * - `false`: none, the address of the connection counts.
 * - a number: so many proxies, each of which adds one address to X-Forwarded-For. It must be
 *   impossible to reach the server past them.
 * - a list: addresses and ranges of the proxies, and the words `'loopback'` and `'private'`.
 */
export type TrustProxy = false | number | readonly string[]

/** {@link TrustProxy}, checked. */
export interface ProxyTrust {
  /** Addresses that X-Forwarded-For holds at least when it came through every proxy. */
  readonly minEntries: number
  /** @param hop 0 for the connection itself, 1 for the address it forwarded, and so on. */
  isTrusted(address: IpAddress | null, hop: number): boolean
}

interface Range {
  readonly base: IpAddress
  readonly bits: number
}

const named: Readonly<Record<string, readonly string[]>> = {
  loopback: ['127.0.0.0/8', '::1'],
  private: [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '169.254.0.0/16',
    'fc00::/7',
    'fe80::/10',
  ],
}

const loopback: readonly Range[] = (named['loopback'] ?? []).map(parseRange)

/** Checks a `trustProxy` setting. @throws {ConfigError} saying what to write instead. */
export function resolveTrust(setting: TrustProxy): ProxyTrust {
  if (setting === false) return { minEntries: 0, isTrusted: () => false }
  if (typeof setting === 'number') {
    const hops = requireInteger('trustProxy', setting, { min: 1, max: 20 })
    return { minEntries: hops, isTrusted: (_, hop) => hop < hops }
  }
  if (!Array.isArray(setting)) throw notTrusted(setting)
  const ranges = setting.flatMap((entry: unknown) => readEntry(entry))
  return { minEntries: 0, isTrusted: address => address !== null && isInAny(address, ranges) }
}

/** Whether an address is this machine's own. */
export function isLoopbackIp(address: IpAddress): boolean {
  return isInAny(address, loopback)
}

function isInAny(address: IpAddress, ranges: readonly Range[]): boolean {
  return ranges.some(({ base, bits }) => isWithin(address, base, bits))
}

function readEntry(entry: unknown): readonly Range[] {
  if (typeof entry !== 'string') throw notTrusted(entry)
  return (named[entry] ?? [entry]).map(parseRange)
}

function parseRange(text: string): Range {
  const [address = '', bitsText, ...rest] = text.split('/')
  const base = parseIp(address)
  if (base === null || rest.length > 0) throw notTrusted(text)
  const width = base.value.kind() === 'ipv4' ? 32 : 128
  if (bitsText === undefined) return { base, bits: width }
  const bits = /^\d{1,3}$/.test(bitsText) ? Number(bitsText) : -1
  if (bits < 1 || bits > width) throw notTrusted(text)
  return { base, bits }
}

function notTrusted(setting: unknown): ConfigError {
  const why =
    setting === true
      ? 'would let every client choose the address it is seen under'
      : 'is neither a number of proxies nor a list of addresses and ranges'
  return new ConfigError(
    'ERR_OPTION_INVALID',
    `\`trustProxy\` ${JSON.stringify(setting)} ${why}. Give the number of proxies in front of the server, such as 1, or their addresses, such as ['loopback', '10.0.0.0/8'].`,
  )
}
