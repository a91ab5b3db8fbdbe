import { createHmac } from 'node:crypto'
import type { AccountsWorld, Browser } from './accounts.ts'

/** What the owner of a second factor has. */
export interface TestFactor {
  readonly secret: string
  readonly recoveryCodes: readonly string[]
}

/** The code that an authenticator app shows at a moment, by RFC 4226 and RFC 6238 once more. */
export function codeAt(secret: string, at: number): string {
  const counter = Buffer.alloc(8)
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)))
  const mac = createHmac('sha1', fromBase32(secret)).update(counter).digest()
  const offset = mac.readUInt8(19) & 15
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0')
}

/** Sets a second factor up for whoever is signed in, and lets the code's step pass. */
export async function enrol(world: AccountsWorld, browser: Browser): Promise<TestFactor> {
  const { accounts, clock } = world
  const started = await browser.visit(visit => accounts.startEnrolment({}, visit))
  if (!started.ok) throw new Error(`The enrolment is refused: ${started.reason}.`)
  const { secret } = started
  const code = codeAt(secret, clock.now())
  const result = await browser.visit(visit => accounts.confirmEnrolment({ code }, visit))
  if (!result.ok) throw new Error(`The code is refused: ${result.reason}.`)
  clock.advance(30_000)
  return { secret, recoveryCodes: result.recoveryCodes }
}

function fromBase32(text: string): Buffer {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
  const bits = [...text].map(each => alphabet.indexOf(each).toString(2).padStart(5, '0')).join('')
  return Buffer.from((bits.match(/.{8}/g) ?? []).map(each => Number.parseInt(each, 2)))
}
