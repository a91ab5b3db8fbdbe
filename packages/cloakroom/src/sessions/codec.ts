import { deflateRawSync, inflateRawSync, type ZlibOptions } from 'node:zlib'
import { Packr } from 'msgpackr'
import { concatBytes, utf8 } from '../core/bytes.ts'
import { ConfigError } from '../core/errors.ts'
import { isPlainlySame } from './copy.ts'

/**
 * Turns values into few bytes and back. Date, Map, Set, BigInt, undefined and bytes survive; −0 comes
 * back as 0, and every kind of bytes as Uint8Array.
 *
 * A leading byte says how the rest is packed: 0 as it is, 1 deflated with the dictionary below.
 */
export interface Codec {
  /** @throws {ConfigError} when the value takes more bytes than a session may hold. */
  encode(value: unknown): Uint8Array
  /** @throws when the bytes are not of this codec. */
  decode(bytes: Uint8Array): unknown
  /** Inflates once, and gives the value anew on each call. @throws as {@link decode} does. */
  reader(bytes: Uint8Array): () => unknown
  /** Whether two values would be stored as the same bytes. */
  isSame(left: unknown, right: unknown): boolean
}

/** Options of {@link createCodec}. */
export interface CodecOptions {
  /** How many bytes a value may take before it is deflated. @default {@link largestContent} */
  readonly maxBytes?: number
}

const plain = 0
const deflated = 1

/** Fewer bytes become a dozen less by deflating, which takes more time than anything else. */
const worthDeflating = 96

/** What no value may exceed: whatever Redis holds, it does not take the worker's memory. */
export const largestContent: number = 64 * 1024 * 1024

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

/** Most values fit into one chunk of this size. */
const inflating: ZlibOptions = { dictionary, maxOutputLength: largestContent, chunkSize: 2048 }

/** Makes a {@link Codec}. */
export function createCodec({ maxBytes = largestContent }: CodecOptions = {}): Codec {
  const packr = new Packr({
    useRecords: true,
    moreTypes: true,
    useBigIntExtension: true,
    // Bytes of their own: a part of a value must not keep the whole, or a pool of Node, in memory.
    copyBuffers: true,
    // An object may well hold something under the name of `toJSON`.
    useToJSON: false,
  })
  const unpack = (bytes: Uint8Array): unknown =>
    // From a Buffer, bytes would come back as Buffers.
    packr.unpack(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength))

  function reader(bytes: Uint8Array): () => unknown {
    const rest = bytes.subarray(1)
    if (bytes[0] === plain) return () => unpack(rest)
    if (bytes[0] !== deflated) throw new TypeError('The packing of the value is not known.')
    const packed = inflateRawSync(rest, inflating)
    return () => unpack(packed)
  }

  return {
    encode(value) {
      const packed = packr.pack(value)
      if (packed.byteLength > maxBytes) throw tooLarge(packed.byteLength, maxBytes)
      const short = packed.byteLength < worthDeflating ? packed : deflate(packed)
      return short.byteLength < packed.byteLength
        ? concatBytes(Uint8Array.of(deflated), short)
        : concatBytes(Uint8Array.of(plain), packed)
    },
    decode: bytes => reader(bytes)(),
    reader,
    isSame(left, right) {
      if (isPlainlySame(left, right)) return true
      return packr.pack(left).equals(packr.pack(right))
    },
  }
}

/**
 * For values that fit into a window of 4 KB, dictionary included. The usual settings take 270 KB of
 * memory for each value, which costs as much as the deflating.
 */
const small: ZlibOptions = { dictionary, windowBits: 12, memLevel: 4, chunkSize: 1024 }

function deflate(packed: Uint8Array): Uint8Array {
  const isSmall = packed.byteLength + dictionary.byteLength <= 4096
  return deflateRawSync(packed, isSmall ? small : { dictionary })
}

function tooLarge(bytes: number, maxBytes: number): ConfigError {
  return new ConfigError(
    'ERR_VALUE_UNSTORABLE',
    `The session takes ${bytes} bytes, and \`session.maxBytes\` allows ${maxBytes}. Store less in it, or raise that.`,
  )
}
