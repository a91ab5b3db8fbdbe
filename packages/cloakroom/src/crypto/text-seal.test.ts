import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { SealError } from '../core/errors.ts'
import { createKeyring } from './keyring.ts'
import { createTextSealer } from './text-seal.ts'

const secret = 'rJ6v0NbW3yQx8KzT1mLp5sHd7GfC2aEu'
const newer = 'Zc4tPq9XoVn2BjR7wYk0LsMh5DgU8fAi'
const clock = createManualClock()
const keyring = createKeyring(secret, { name: 'secret' })
const sealer = createTextSealer({ keyring, purpose: 'notes', clock })

describe('createTextSealer', () => {
  it('gives a text back at its place, and shows nothing of it', () => {
    const sealed = sealer.seal('Grüße 🧥', 'row 1')
    expect(sealed).toMatch(/^[\da-f]{8}\.[\w-]+$/)
    expect(sealer.open(sealed, 'row 1')).toBe('Grüße 🧥')
  })

  it('opens at no other place and for no other purpose', () => {
    const sealed = sealer.seal('text', 'row 1')
    const other = createTextSealer({ keyring, purpose: 'letters', clock })
    expect(() => sealer.open(sealed, 'row 2')).toThrow(SealError)
    expect(() => other.open(sealed, 'row 1')).toThrow(SealError)
  })

  it('opens what an older key sealed, as long as it is there', () => {
    const sealed = sealer.seal('text', 'row 1')
    const both = createKeyring([newer, secret], { name: 'secret' })
    const later = createTextSealer({ keyring: both, purpose: 'notes', clock })
    expect(later.open(sealed, 'row 1')).toBe('text')
    const gone = createKeyring(newer, { name: 'secret' })
    const last = createTextSealer({ keyring: gone, purpose: 'notes', clock })
    expect(() => last.open(sealed, 'row 1')).toThrow(SealError)
  })

  it.each(['', '.', 'x', 'aaaaaaaa.', 'aaaaaaaa.+', '..'])('refuses %j', given => {
    expect(() => sealer.open(given, 'row 1')).toThrow(SealError)
  })
})
