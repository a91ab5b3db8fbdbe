import { describe, expect, it } from 'vitest'
import { toBase64Url } from '../core/bytes.ts'
import { createNonceSource } from './nonce.ts'

describe('createNonceSource', () => {
  it('gives nonces of the length asked for, none of them twice, across several draws', () => {
    const next = createNonceSource(12)
    const nonces = Array.from({ length: 1000 }, next)
    expect(nonces.every(nonce => nonce.byteLength === 12)).toBe(true)
    expect(new Set(nonces.map(toBase64Url)).size).toBe(1000)
  })

  it('leaves a nonce as it was when later ones are drawn', () => {
    const next = createNonceSource(16)
    const first = next()
    const before = toBase64Url(first)
    for (let i = 0; i < 600; i += 1) next()
    expect(toBase64Url(first)).toBe(before)
  })
})
