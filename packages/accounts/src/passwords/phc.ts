import { randomBytes } from 'node:crypto'

/** What an Argon2id hash costs. */
export interface Argon2Cost {
  readonly memoryKib: number
  readonly passes: number
  readonly lanes: number
}

const phcText =
  /^\$argon2id\$v=19\$m=(\d{1,9}),t=(\d{1,9}),p=(\d{1,3})\$[A-Za-z0-9+/]+\$[A-Za-z0-9+/]+$/

/** What a stored hash has cost; null when it is no Argon2id hash of the present version. */
export function readCost(hash: string): Argon2Cost | null {
  const match = phcText.exec(hash)
  if (match === null) return null
  return { memoryKib: Number(match[1]), passes: Number(match[2]), lanes: Number(match[3]) }
}

/** Whether a stored hash is weaker than new ones are. */
export function isWeaker(hash: string, cost: Argon2Cost): boolean {
  const stored = readCost(hash)
  return stored === null || stored.memoryKib < cost.memoryKib || stored.passes < cost.passes
}

/** What is left to spend after a weaker hash was checked, so that it takes as long as a new one. */
export function restOf(hash: string, cost: Argon2Cost): Argon2Cost | null {
  const stored = readCost(hash)
  if (stored === null) return null
  // The time that Argon2 takes goes by memory and passes, in proportion.
  const left = cost.memoryKib * cost.passes - stored.memoryKib * stored.passes
  const memoryKib = Math.floor(left / cost.passes)
  return memoryKib < 8 * cost.lanes ? null : { ...cost, memoryKib }
}

/** A hash of no password at all that takes as long to be checked as a real one. */
export function dummyHash({ memoryKib, passes, lanes }: Argon2Cost): string {
  const part = (bytes: number): string => randomBytes(bytes).toString('base64').replaceAll('=', '')
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${part(16)}$${part(32)}`
}
