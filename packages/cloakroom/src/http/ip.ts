import { isIPv4, isIPv6 } from 'node:net'
import ipaddr from 'ipaddr.js'
import { requireInteger } from '../core/options.ts'

/** An address; IPv4 whenever IPv6 merely carries one. */
export interface IpAddress {
  /** The one text that stands for it. */
  readonly text: string
  readonly value: ipaddr.IPv4 | ipaddr.IPv6
}

/** Stands for an address that nobody knows. */
export const unknownIp = 'unknown'

/**
 * Reads an address as proxies and sockets write it: with or without brackets, port and zone.
 *
 * An IPv4 address inside IPv6, mapped (`::ffff:0:0/96`) or translated (`64:ff9b::/96`, RFC 6052), is
 * taken out by its bits, however it is spelt. Node judges what is an address, since ipaddr.js also
 * takes octal and hexadecimal parts.
 */
export function parseIp(text: string): IpAddress | null {
  const bare = withoutPort(text.trim()).replace(/%.*$/s, '')
  if (isIPv4(bare)) return { text: bare, value: ipaddr.IPv4.parse(bare) }
  if (!isIPv6(bare)) return null
  const address = ipaddr.IPv6.parse(withHexTail(bare))
  const value = carriesIPv4(address) ? new ipaddr.IPv4(address.toByteArray().slice(12)) : address
  return { text: value.toString(), value }
}

/** Whether an address lies within a range. */
export function isWithin({ value }: IpAddress, base: IpAddress, bits: number): boolean {
  if (value instanceof ipaddr.IPv4) {
    return base.value instanceof ipaddr.IPv4 && value.match(base.value, bits)
  }
  return base.value instanceof ipaddr.IPv6 && value.match(base.value, bits)
}

/**
 * The text to count an address under: IPv4 as it is, IPv6 cut to its prefix.
 *
 * A household or a rented server holds a whole /64, so counting single IPv6 addresses would give
 * each client as many counters as it likes. What is no address at all counts as {@link unknownIp}.
 *
 * @throws {ConfigError} when `v6Prefix` is not a whole number from 16 to 128. @default v6Prefix 64
 */
export function addressKey(ip: string, options: { readonly v6Prefix?: number } = {}): string {
  const bits = requireInteger('v6Prefix', options.v6Prefix ?? 64, { min: 16, max: 128 })
  const address = parseIp(ip)
  if (address === null) return unknownIp
  const { text, value } = address
  if (value instanceof ipaddr.IPv4) return text
  const kept = value.parts.map((part, index) => {
    const zeros = Math.min(16, Math.max(0, (index + 1) * 16 - bits))
    return (part >>> zeros) << zeros
  })
  return `${new ipaddr.IPv6(kept).toString()}/${bits}`
}

function withoutPort(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)
  if (bracketed !== null) return bracketed[1] ?? ''
  return text.replace(/^(\d+\.\d+\.\d+\.\d+):\d+$/, '$1')
}

// ipaddr.js reads a dotted tail behind some prefixes only.
function withHexTail(text: string): string {
  const tail = /\d+\.\d+\.\d+\.\d+$/.exec(text)
  if (tail === null) return text
  const [a = 0, b = 0, c = 0, d = 0] = tail[0].split('.').map(Number)
  const hex = (high: number, low: number): string => ((high << 8) | low).toString(16)
  return `${text.slice(0, tail.index)}${hex(a, b)}:${hex(c, d)}`
}

function carriesIPv4(address: ipaddr.IPv6): boolean {
  const range = address.range()
  return range === 'ipv4Mapped' || range === 'rfc6052'
}
