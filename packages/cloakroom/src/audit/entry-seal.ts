import { asBuffer, fromBase64Url, fromUtf8, utf8 } from '../core/bytes.ts'
import type { Clock } from '../core/clock.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { createSealer } from '../crypto/seal.ts'
import { createSigner } from '../crypto/token-mac.ts'
import { type AuditLine, readLine, writeLine } from './line.ts'
import type { AuditRecord } from './store.ts'

/** What was found in a record. */
export type OpenedRecord =
  | { readonly state: 'genuine'; readonly line: AuditLine; readonly text: string }
  /** It was written with a key that the ring does not hold: neither proven nor disproven. */
  | { readonly state: 'unknown-key' }
  | { readonly state: 'changed' }

/**
 * Signs and seals entries. The signature covers the one before it, so that it can be made again for
 * no other history; without a key of the ring, it cannot be made at all.
 */
export interface EntrySeal {
  write(log: string, line: AuditLine): AuditRecord
  open(log: string, record: AuditRecord): OpenedRecord
  /** Checks a line that was exported. */
  check(log: string, line: string, mac: string): OpenedRecord['state']
}

/** Makes an {@link EntrySeal}. */
export function createEntrySeal(keyring: Keyring, clock: Clock): EntrySeal {
  const signer = createSigner(keyring, 'audit')
  const sealer = createSealer({ keyring, purpose: 'audit', clock })

  function check(log: string, line: string, mac: string): OpenedRecord['state'] {
    const keyId = keyIdOf(mac)
    if (keyId !== null && keyring.find(keyId) === undefined) return 'unknown-key'
    return signer.verify(messageOf(log, line), mac) === null ? 'changed' : 'genuine'
  }

  function openLine(log: string, { sequence, mac, sealed }: AuditRecord): string | null {
    try {
      return fromUtf8(sealer.open(sealed, placeOf(log, sequence), keyIdOf(mac) ?? ''))
    } catch {
      return null
    }
  }

  return {
    check,
    write(log, line) {
      const text = writeLine(line)
      const { sealed } = sealer.seal(utf8(text), placeOf(log, line.sequence))
      return { sequence: line.sequence, mac: signer.sign(messageOf(log, text)), sealed }
    },
    open(log, record) {
      const keyId = keyIdOf(record.mac)
      if (keyId !== null && keyring.find(keyId) === undefined) return { state: 'unknown-key' }
      const text = openLine(log, record)
      if (text === null || check(log, text, record.mac) !== 'genuine') return { state: 'changed' }
      return { state: 'genuine', line: readLine(text), text }
    },
  }
}

const keyIdLength = 4
const macLength = 36

function keyIdOf(mac: string): string | null {
  const bytes = fromBase64Url(mac)
  if (bytes?.byteLength !== macLength) return null
  return asBuffer(bytes.subarray(0, keyIdLength)).toString('hex')
}

function messageOf(log: string, line: string): string {
  return `${log}\n${line}`
}

function placeOf(log: string, sequence: number): Uint8Array {
  return utf8(`entry ${log} ${sequence}`)
}
