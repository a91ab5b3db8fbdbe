import { type IpAddress, parseIp, unknownIp } from './ip.ts'
import { rememberRecent } from './memo.ts'
import { isLoopbackIp, type ProxyTrust, resolveTrust, type TrustProxy } from './trust-proxy.ts'
import { type WarningSink, warnOnce } from './warning.ts'

/** What of a request tells who sent it. */
export interface AddressRequest {
  /** Address at the other end of the connection. A Unix socket has none. */
  readonly socketAddress: string | undefined
  /** Whether that connection itself is TLS. */
  readonly isEncrypted: boolean
  /** Value of a header; its name is given in lower case. */
  header(name: string): string | undefined
}

/** Who sent a request, and how it reached the site. */
export interface ClientAddress {
  /** Address of the client in its one canonical form, or {@link unknownIp}. */
  readonly ip: string
  /** Whether the client's own connection is https. */
  readonly isSecure: boolean
  /** Host, and port if any, that the client asked for, in lower case; null when malformed. */
  readonly host: string | null
  /** Whether both ends are this machine and no proxy is in between. */
  readonly isLoopback: boolean
}

/** Reads the {@link ClientAddress} of requests. */
export interface AddressReader {
  read(request: AddressRequest): ClientAddress
}

/** Options of {@link createAddressReader}. */
export interface AddressOptions {
  /** @default false */
  readonly trustProxy?: TrustProxy | undefined
}

const hostPattern =
  /^(?:[a-z0-9](?:[a-z0-9_.-]{0,252}[a-z0-9])?\.?|\[[0-9a-f:.]{2,45}\])(?::\d{1,5})?$/

/**
 * Makes an {@link AddressReader}.
 *
 * X-Forwarded headers count only when the connection comes from a trusted proxy. Addresses in them
 * are counted from the right: whatever stands further left, the client may have written itself.
 *
 * @throws {ConfigError} when `trustProxy` is `true`, or no list of addresses.
 */
export function createAddressReader(
  options: AddressOptions,
  deps: { readonly onWarning: WarningSink },
): AddressReader {
  const trust = resolveTrust(options.trustProxy ?? false)
  const onWarning = warnOnce(deps.onWarning)
  const parse = rememberRecent(1000, parseIp)
  const readHost = rememberRecent(1000, parseHost)
  return {
    read(request) {
      const socket = parse(request.socketAddress ?? '')
      const isProxied = trust.isTrusted(socket, 0)
      const client = isProxied ? findClient(request, { socket, trust, parse, onWarning }) : socket
      if (client === null) onWarning(unknownWarning)
      const host = readHost(hostHeader(request, isProxied))
      return {
        ip: client?.text ?? unknownIp,
        isSecure: request.isEncrypted || (isProxied && isForwardedHttps(request)),
        host: host?.name ?? null,
        isLoopback: host?.isLoopback === true && isDirectLoopback(request, socket),
      }
    },
  }
}

interface Chain {
  readonly socket: IpAddress | null
  readonly trust: ProxyTrust
  readonly parse: typeof parseIp
  readonly onWarning: WarningSink
}

/**
 * Walks from the connection towards the client for as long as the hops are trusted.
 *
 * A chain shorter than it must be did not come through every proxy, and one with a text that is no
 * address was not written by one. Both fall back on the last hop that is known, so that no client
 * gets a new address, and thereby a fresh count, by sending rubbish.
 */
function findClient(request: AddressRequest, chain: Chain): IpAddress | null {
  const { socket, trust, parse, onWarning } = chain
  const forwarded = request.header('x-forwarded-for')
  const entries = forwarded === undefined ? [] : forwarded.split(',')
  if (entries.length < trust.minEntries) return socket
  let address = socket
  for (const [hop, entry] of entries.reverse().entries()) {
    if (!trust.isTrusted(address, hop)) return address
    const next = parse(entry)
    if (next === null) {
      onWarning(invalidWarning)
      return address
    }
    address = next
  }
  return address
}

// The left-most word is about the client's own connection. A client may forge it, but harms nobody
// else: its own browser drops the Secure cookie that it gets then.
function isForwardedHttps(request: AddressRequest): boolean {
  const [first = ''] = (request.header('x-forwarded-proto') ?? '').split(',')
  return first.trim().toLowerCase() === 'https'
}

// The right-most host, which the nearest proxy vouches for: links and origins are made out of it.
function hostHeader(request: AddressRequest, isProxied: boolean): string {
  const forwarded = isProxied ? request.header('x-forwarded-host')?.split(',').at(-1) : undefined
  return forwarded ?? request.header('host') ?? ''
}

function parseHost(text: string): { readonly name: string; readonly isLoopback: boolean } | null {
  const name = text.trim().toLowerCase()
  return hostPattern.test(name) ? { name, isLoopback: isLoopbackHost(name) } : null
}

function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d+$/, '')
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  const address = parseIp(name)
  return address !== null && isLoopbackIp(address)
}

function isDirectLoopback(request: AddressRequest, socket: IpAddress | null): boolean {
  const isForwarded = ['x-forwarded-for', 'x-forwarded-host', 'forwarded'].some(
    name => request.header(name) !== undefined,
  )
  return !isForwarded && socket !== null && isLoopbackIp(socket)
}

const unknownWarning = {
  code: 'address-unknown',
  level: 'warning',
  message:
    'A request has no client address, so all such requests share one rate limit. If the server listens on a Unix socket, give the number of proxies in `trustProxy`.',
} as const

const invalidWarning = {
  code: 'address-invalid',
  level: 'warning',
  message:
    'A trusted proxy forwarded something in X-Forwarded-For that is no address. Let it write the header itself, and check `trustProxy`.',
} as const
