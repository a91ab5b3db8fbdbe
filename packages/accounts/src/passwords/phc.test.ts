import { verify } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { dummyHash, readCost, restOf } from './phc.ts'

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

describe('restOf', () => {
  const cost = { memoryKib: 19_456, passes: 2, lanes: 1 }
  const hashOf = (given: object) => dummyHash({ ...cost, ...given })

  it.each([
    ['half of the memory', { memoryKib: 9728 }, 9728],
    ['half of the passes', { passes: 1 }, 9728],
    ['next to nothing', { memoryKib: 8, passes: 1 }, 19_452],
  ])('is what a hash of %s lacks', (_what, given, memoryKib) => {
    expect(restOf(hashOf(given), cost)).toEqual({ ...cost, memoryKib })
  })

  it.each([
    ['as strong a hash', hashOf({})],
    ['a stronger one', hashOf({ passes: 3 })],
    ['one that lacks too little to be spent', hashOf({ memoryKib: 19_450 })],
    ['what is no hash', 'plain'],
  ])('is nothing for %s', (_what, hash) => {
    expect(restOf(hash, cost)).toBeNull()
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
