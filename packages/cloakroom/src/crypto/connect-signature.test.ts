import { describe, expect, it } from 'vitest'
import { createConnectSigner } from './connect-signature.ts'
import { importKey } from './digest.ts'

describe('createConnectSigner', () => {
  it('signs as the package cookie-signature does', () => {
    const signer = createConnectSigner(['tobiiscool'])
    expect(signer.sign('hello')).toBe('hello.DGDUkGlIkCzPz+C0B064FNgHdEjox7ch8tOBGslZ5QI')
  })

  it('takes a text, bytes, or a key', () => {
    const bytes = new TextEncoder().encode('tobiiscool')
    const signed = createConnectSigner(['tobiiscool']).sign('hello')
    expect(createConnectSigner([bytes]).sign('hello')).toBe(signed)
    expect(createConnectSigner([importKey(bytes)]).sign('hello')).toBe(signed)
  })

  it('signs with the first secret, and takes what any of them signed', () => {
    const both = createConnectSigner(['newer', 'older'])
    const older = createConnectSigner(['older'])
    expect(both.unsign(older.sign('a.b'))).toBe('a.b')
    expect(both.unsign(both.sign('a.b'))).toBe('a.b')
    expect(older.unsign(both.sign('a.b'))).toBeNull()
  })

  it('takes nothing else', () => {
    const signer = createConnectSigner(['secret'])
    const signed = signer.sign('value')
    const others = ['', '.', 'value', 'value.', `${signed}=`, `${signed} `, signed.slice(0, -1)]
    expect(others.map(signer.unsign)).toEqual(others.map(() => null))
    expect(signer.unsign(signed.replace('value', 'other'))).toBeNull()
  })

  it('cannot sign without a secret', () => {
    expect(() => createConnectSigner([]).sign('value')).toThrow(TypeError)
  })
})
