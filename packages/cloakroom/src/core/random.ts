import { randomFillSync } from 'node:crypto'
import { toBase64Url } from './bytes.ts'

/** Cryptographically strong random bytes. */
export function randomBytes(length: number): Uint8Array {
  return randomFillSync(new Uint8Array(length))
}

/** Random text of URL-safe characters, 6 bits each. */
export function randomText(characters: number): string {
  return toBase64Url(randomBytes(Math.ceil((characters * 3) / 4))).slice(0, characters)
}
