import { equalTexts } from '../core/bytes.ts'
import { randomText } from '../core/random.ts'
import type { CookieClient } from '../http/cookie-manager.ts'
import type { Engine } from './engine.ts'
import type { Exchange } from './exchange.ts'

/**
 * The device that a request came from, as far as the cookie of an earlier sign-in tells. Its wrong
 * passwords are counted apart, so that strangers who guess cannot keep the owner out.
 */
export interface KnownDevice {
  /** Names the device, where somebody signed in to this very account before. */
  idFor(account: string): string | undefined
  /** Somebody proved that the account is theirs: the response carries a cookie. */
  note(account: string): void
  /** What the response must set. Framework use. */
  cookieLines(): readonly string[]
}

/** Renewed with every sign-in. */
const lastsMs = 180 * 86_400_000

const idLength = 22

/** Makes the {@link KnownDevice} of a request. The cookie is signed, and holds no name. */
export function createKnownDevice(
  { deviceCookie, loginProtection, clock }: DeviceEngine,
  { exchange, client }: { readonly exchange: Exchange; readonly client: CookieClient },
): KnownDevice {
  let noted: string | null = null

  function idFor(account: string): string | undefined {
    const value = noted ?? deviceCookie.read(exchange.header('cookie'), client).value
    if (value === null) return undefined
    const isTheirs = equalTexts(value.slice(idLength), loginProtection.idOf(account))
    return isTheirs ? value.slice(0, idLength) : undefined
  }

  return {
    idFor,
    note(account) {
      noted = `${idFor(account) ?? randomText(idLength)}${loginProtection.idOf(account)}`
    },
    cookieLines: () =>
      noted === null
        ? []
        : [deviceCookie.write(noted, { client, expiresAt: clock.now() + lastsMs })],
  }
}

type DeviceEngine = Pick<Engine<never>, 'deviceCookie' | 'loginProtection' | 'clock'>
