import { type Algorithm, hash } from '@node-rs/argon2'
import { describe, expect, it } from 'vitest'
import { createPasswordHasher } from './hasher.ts'
import { readCost } from './phc.ts'

const cheap = { memoryKib: 64, passes: 1 }
const password = 'correct horse battery staple'

describe('createPasswordHasher', () => {
  it('hashes by Argon2id with what OWASP advises', async () => {
    const stored = await createPasswordHasher().hash(password)
    expect(stored).toMatch(/^\$argon2id\$v=19\$/)
    expect(readCost(stored)).toEqual({ memoryKib: 19_456, passes: 2, lanes: 1 })
  })

  it('salts', async () => {
    const hasher = createPasswordHasher(cheap)
    expect(await hasher.hash(password)).not.toBe(await hasher.hash(password))
  })

  it('knows the password again, and no other', async () => {
    const hasher = createPasswordHasher(cheap)
    const stored = await hasher.hash(password)
    expect(await hasher.verify(password, stored)).toBe('right')
    expect(await hasher.verify(`${password} `, stored)).toBe('wrong')
  })

  const long = 'x'.repeat(300)
  it.each([
    ['at the byte where bcrypt stops', 'y'.repeat(72), `${'y'.repeat(72)}z`],
    ['at the end of a long one', long, `${long.slice(0, -1)}y`],
    ['in case', 'Correct Horse', 'correct horse'],
    ['in a space at the end', 'correct horse', 'correct horse '],
    ['in how a letter is composed', 'caf\u00e9', 'cafe\u0301'],
    ['after a NUL', 'abc\0def', 'abc\0dex'],
  ])('tells passwords apart that differ %s [ASVS 6.2.8]', async (_, left, right) => {
    const hasher = createPasswordHasher(cheap)
    const stored = await hasher.hash(left)
    expect(await hasher.verify(left, stored)).toBe('right')
    expect(await hasher.verify(right, stored)).toBe('wrong')
  })

  it('asks for a new hash when the cost rose, not when it fell', async () => {
    const before = await createPasswordHasher(cheap).hash(password)
    const verify = (cost: object) =>
      createPasswordHasher({ ...cheap, ...cost }).verify(password, before)
    expect(await verify({ passes: 2 })).toBe('outdated')
    expect(await verify({ memoryKib: 128 })).toBe('outdated')
    expect(await verify({ memoryKib: 32 })).toBe('right')
    const argon2i = await hash(password, { algorithm: 1 satisfies Algorithm.Argon2i })
    expect(await createPasswordHasher(cheap).verify(password, argon2i)).toBe('outdated')
  })

  it('finds every password wrong where none is stored, or what is stored is no hash', async () => {
    const hasher = createPasswordHasher(cheap)
    expect(await hasher.verify(password, null)).toBe('wrong')
    expect(await hasher.verify('', null)).toBe('wrong')
    expect(await hasher.verify(password, 'plain')).toBe('wrong')
    expect(await hasher.verify(password, '$argon2id$v=19$m=64,t=1,p=1$x$y')).toBe('wrong')
  })

  it('has another application’s hashes checked, to be replaced', async () => {
    const asked: string[] = []
    const hasher = createPasswordHasher({
      ...cheap,
      async verifyForeign(given, stored) {
        asked.push(stored)
        return given === password
      },
    })
    expect(await hasher.verify(password, '$2b$10$old')).toBe('outdated')
    expect(await hasher.verify('other', '$2b$10$old')).toBe('wrong')
    expect(await hasher.verify(password, await hasher.hash(password))).toBe('right')
    expect(await hasher.verify(password, null)).toBe('wrong')
    expect(asked).toEqual(['$2b$10$old', '$2b$10$old'])
  })

  it('turns a flood away at once', async () => {
    const hasher = createPasswordHasher({ ...cheap, admitted: 3, running: 1 })
    const flood = Array.from({ length: 50 }, () =>
      hasher.admit(() => hasher.verify(password, null)),
    )
    const results = await Promise.all(flood)
    expect(results.filter(result => result === null)).toHaveLength(47)
    expect(await hasher.admit(() => hasher.hash(password))).toMatch(/^\$argon2id/)
  })

  it.each([
    ['memoryKib', 7],
    ['passes', 0],
    ['lanes', 0],
    ['running', 0],
    ['admitted', 0],
    ['memory', 1],
  ])('refuses %s: %j', (name, value) => {
    expect(() => createPasswordHasher({ [name]: value })).toThrow(`\`hasher.${name}\``)
  })
})
