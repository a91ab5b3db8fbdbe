import { verify } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { dummyHash, readCost } from './phc.ts'

describe('readCost', () => {
  it.each([
    '',
    '$argon2i$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA',
    '$argon2id$v=16$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA',
    '$argon2id$v=19$m=64,t=1$c2FsdHNhbHQ$aGFzaA',
    ' $argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$aGFzaA',
    '$2b$12$abcdefghijklmnopqrstuv',
  ])('is null for %j', hash => {
    expect(readCost(hash)).toBeNull()
  })
})

describe('dummyHash', () => {
  it('is a hash of the cost that is asked for, another one each time', async () => {
    const cost = { memoryKib: 64, passes: 3, lanes: 2 }
    expect(readCost(dummyHash(cost))).toEqual(cost)
    expect(await verify(dummyHash(cost), 'any')).toBe(false)
    expect(dummyHash(cost)).not.toBe(dummyHash(cost))
  })
})
