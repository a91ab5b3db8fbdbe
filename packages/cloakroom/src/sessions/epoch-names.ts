import { toBase64Url } from '../core/bytes.ts'
import { ConfigError } from '../core/errors.ts'
import { requireText } from '../core/options.ts'
import { hmacSha256, importKey, sha256Text } from '../crypto/digest.ts'
import { type Keyring, mapKeys } from '../crypto/keyring.ts'
import { addressKey, unknownIp } from '../http/ip.ts'
import { rememberRecent } from '../http/memo.ts'

/** Names of epochs in the store, which tell neither a customer nor an address. */
export interface EpochNames {
  readonly everybody: string
  of(tenant: string): string
  /** What an address has been called: one name for each key of the ring, newest first. */
  ofAddress(ip: string): readonly string[]
  /** Whether a name is that of an address. */
  isAddress(name: string): boolean
}

/** Busy addresses are not hashed again. */
const remembered = 10_000

const addressMark = '@'

/** Makes {@link EpochNames}. */
export function createEpochNames(keyring: Keyring): EpochNames {
  // There are few enough addresses to try them all: without the key a digest would hide nothing.
  const uses = mapKeys(keyring, key => importKey(key.derive('address epoch')))
  const namesOf = (ip: string): readonly string[] => {
    const network = addressKey(ip)
    return uses.all.map(key => addressMark + toBase64Url(hmacSha256(key, network).subarray(0, 16)))
  }
  let recall = rememberRecent(remembered, namesOf)
  keyring.onReplace(() => {
    recall = rememberRecent(remembered, namesOf)
  })
  return {
    everybody: 'all',
    of: tenant => sha256Text(`tenant ${requireText('tenant', tenant)}`).slice(0, 22),
    ofAddress: ip => recall(ip) ?? namesOf(ip),
    isAddress: name => name.startsWith(addressMark),
  }
}

/**
 * Any address of a network, from what names it: `addressKey` writes IPv6 networks as `2001:db8::/64`.
 *
 * @throws {ConfigError} for what is no address.
 */
export function requireAddress(name: string, text: string): string {
  const ip = requireText(name, text).replace(/\/64$/, '')
  if (ip === unknownIp || addressKey(ip) !== unknownIp) return ip
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `\`${name}\` must be an IP address, or what \`addressKey\` makes of one.`,
  )
}
