import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { Packr } from 'msgpackr'
import { concatBytes, utf8 } from '../core/bytes.ts'

/**
 * Turns values into few bytes and back. Date, Map, Set, BigInt, undefined and bytes survive.
 *
 * A leading byte says how the rest is packed: 0 as it is, 1 deflated with the dictionary below.
 */
export interface Codec {
  encode(value: unknown): Uint8Array
  /** @throws when the bytes are not of this codec. */
  decode(bytes: Uint8Array): unknown
  /** Whether two values would be stored as the same bytes. */
  isSame(left: unknown, right: unknown): boolean
}

const plain = 0
const deflated = 1

/** No session is this large; a bomb in Redis does not take the worker's memory. */
const largestDecoded = 64 * 1024 * 1024

/**
 * Words that many sessions hold, so that even short ones deflate well. Changing this text is a new
 * format: stored values need the very dictionary they were written with.
 */
const dictionary = utf8(
  [
    'Safari on iPhone Safari on macOS Edge on Windows Firefox on Linux Firefox on Windows',
    'Chrome on Android Chrome on Linux Chrome on macOS Chrome on Windows anonymous moderator admin',
    'timezone Europe/ America/ currency EUR USD language system preferences notifications',
    'csrfToken nonce code state redirectUri returnTo step updatedAt createdAt expiresAt lastSeenAt',
    'errors success message flash Welcome back, please check your email password permissions roles',
    'description image .jpg .png https://www. .com/ address country shipping total amount discount',
    'locale en-GB en-US de-DE theme dark light visits count views lastPage /account /search?q=&page=',
    '/products/ Product number product-id sku name title quantity price items cart userId user-',
  ].join(' '),
)

/** Makes a {@link Codec}. */
export function createCodec(): Codec {
  const packr = new Packr({ useRecords: true, moreTypes: true, useBigIntExtension: true })
  return {
    encode(value) {
      const packed = packr.pack(value)
      const small = packed.byteLength < 32 ? packed : deflateRawSync(packed, { dictionary })
      return small.byteLength < packed.byteLength
        ? concatBytes(Uint8Array.of(deflated), small)
        : concatBytes(Uint8Array.of(plain), packed)
    },
    decode(bytes) {
      const rest = bytes.subarray(1)
      if (bytes[0] === plain) return packr.unpack(rest)
      if (bytes[0] !== deflated) throw new TypeError('The packing of the value is not known.')
      return packr.unpack(inflateRawSync(rest, { dictionary, maxOutputLength: largestDecoded }))
    },
    isSame(left, right) {
      if (typeof left !== 'object' || typeof right !== 'object') return Object.is(left, right)
      return packr.pack(left).equals(packr.pack(right))
    },
  }
}
