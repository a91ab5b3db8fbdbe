import { describe, expect, it } from 'vitest'
import { type CookieSigner, createCookieSignature } from './cookie-signature.ts'

/** Signs by counting characters, and notes what it was asked to verify. */
function createNotingSigner(): CookieSigner & { readonly verified: string[] } {
  const verified: string[] = []
  const sign = (message: string): string => `s${message.length}`
  return {
    verified,
    sign,
    verify(message, signature) {
      verified.push(message)
      return signature === sign(message) ? 'newest' : null
    },
  }
}

describe('createCookieSignature', () => {
  it('signs purpose, name and value', () => {
    const signer = createNotingSigner()
    const signature = createCookieSignature('session', signer)
    const value = signature.sign('sid', 'a.b=c')
    expect(signature.open({ name: 'sid', value })).toEqual({ value: 'a.b=c', resign: false })
    expect(signer.verified).toEqual(['session=sid=a.b=c'])
  })

  it('computes a genuine signature once, and one that is not each time', () => {
    const signer = createNotingSigner()
    const signature = createCookieSignature('session', signer)
    const good = { name: 'sid', value: signature.sign('sid', 'a') }
    expect([signature.open(good), signature.open(good)]).toEqual([
      { value: 'a', resign: false },
      { value: 'a', resign: false },
    ])
    expect(signature.open({ name: 'sid', value: 'a.bad' })).toBeNull()
    expect(signature.open({ name: 'sid', value: 'a.bad' })).toBeNull()
    expect(signer.verified).toHaveLength(3)
  })

  it('computes all anew when the keys are others', () => {
    const signer = createNotingSigner()
    const listeners: (() => void)[] = []
    const signature = createCookieSignature('session', {
      ...signer,
      onReplace: listener => listeners.push(listener),
    })
    const good = { name: 'sid', value: signature.sign('sid', 'a') }
    signature.open(good)
    for (const listener of listeners) listener()
    signature.open(good)
    expect(signer.verified).toHaveLength(2)
  })

  it.each(['', 'a', '.', 'a.'])('finds nothing genuine in "%s"', value => {
    const signature = createCookieSignature('session', createNotingSigner())
    expect(signature.open({ name: 'sid', value })).toBeNull()
    expect(signature.open({ name: 'a.b', value })).toBeNull()
  })

  it('passes values through without a signer', () => {
    const signature = createCookieSignature('csrf', null)
    expect(signature.sign('sid', 'a')).toBe('a')
    expect(signature.open({ name: 'sid', value: 'a' })).toEqual({ value: 'a', resign: false })
  })
})
