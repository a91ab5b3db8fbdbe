import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createKeyring, type Keyring } from './keyring.ts'
import { createSigner } from './token-mac.ts'

const january = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const february = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'
const ringOf = (...secrets: string[]): Keyring => createKeyring(secrets, { name: 'secret' })
const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

describe('createSigner', () => {
  const signer = createSigner(ringOf(january), 'cookie')

  it('signs any text with 48 URL-safe characters and verifies it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), message => {
        const signature = signer.sign(message)
        expect(signature).toMatch(/^[\w-]{48}$/)
        expect(signer.verify(message, signature)).toBe('newest')
      }),
    )
  })

  it('refuses a signature of another message', () => {
    expect(signer.verify('user=2', signer.sign('user=1'))).toBeNull()
  })

  it('refuses a signature with any one character changed', () => {
    const signature = signer.sign('message')
    fc.assert(
      fc.property(fc.nat(47), fc.constantFrom(...alphabet), (at, character) => {
        fc.pre(signature[at] !== character)
        const changed = signature.slice(0, at) + character + signature.slice(at + 1)
        expect(signer.verify('message', changed)).toBeNull()
      }),
    )
  })

  it.each([
    ['padding', (text: string) => `${text}=`],
    ['a line break', (text: string) => `${text}\n`],
    ['a space', (text: string) => ` ${text}`],
    ['more bytes', (text: string) => `${text}AAAA`],
    ['fewer bytes', (text: string) => text.slice(0, -4)],
    ['the other alphabet', (text: string) => text.replaceAll('-', '+').replaceAll('_', '/')],
    ['nothing', () => ''],
  ])('refuses a signature changed by %s', (_, change) => {
    const message = 'a message whose signature holds both - and _: 3'
    const signature = signer.sign(message)
    expect(signer.verify(message, change(signature))).toBeNull()
  })

  it('tells a signature of an older key from one of the newest', () => {
    const rotated = createSigner(ringOf(february, january), 'cookie')
    expect(rotated.verify('message', signer.sign('message'))).toBe('older')
    expect(rotated.verify('message', rotated.sign('message'))).toBe('newest')
    expect(signer.verify('message', rotated.sign('message'))).toBeNull()
  })

  it('refuses a signature that names another key than its own', () => {
    const rotated = createSigner(ringOf(february, january), 'cookie')
    const newest = Buffer.from(rotated.sign('message'), 'base64url')
    const old = Buffer.from(signer.sign('message'), 'base64url')
    const mixed = Buffer.concat([newest.subarray(0, 4), old.subarray(4)]).toString('base64url')
    expect(rotated.verify('message', mixed)).toBeNull()
  })

  it('refuses a signature made for another purpose', () => {
    expect(
      createSigner(ringOf(january), 'csrf').verify('message', signer.sign('message')),
    ).toBeNull()
  })
})
