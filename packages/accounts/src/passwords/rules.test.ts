import { dictionary } from '@zxcvbn-ts/language-common'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBlocklist, repeatedPart } from './blocklist.ts'
import { createPasswordRules } from './rules.ts'

const rules = createPasswordRules({ words: ['Cloakroom', 'www.example-shop.com'] })
const reason = async (password: string, context = {}) =>
  (await rules.check(password, context))?.reason ?? null

/** Fifteen characters that nobody guesses. */
const good = 'vk 7 Zuq brm oj'

describe('createPasswordRules', () => {
  it('demands 15 characters unless told otherwise, however they are written [ASVS 6.2.1]', async () => {
    expect(await rules.check(good.slice(1))).toEqual({ reason: 'short', minLength: 15 })
    expect(await rules.check(good)).toBeNull()
    const animals = '🧥🐱🐶🌲🌞🎂🎈🎸🏀🏆🍎🍌🍒🥑🥕'
    expect(await reason([...animals].slice(1).join(''))).toBe('short')
    expect(await reason(animals)).toBeNull()
  })

  it('takes any characters and demands none [ASVS 6.2.5]', async () => {
    const unit = fc.constantFrom('a', 'z', 'é', '林', '🧥', ' ', '7', '!', '\u00a0', 'Q', 'ß', 'я')
    const texts = fc.string({ unit, minLength: 15, maxLength: 64 })
    await fc.assert(
      fc.asyncProperty(texts, async text => {
        expect([null, 'common']).toContain(await reason(text))
      }),
      { numRuns: 50 },
    )
    expect(await reason('zqvkwxjmfhgtbpl')).toBeNull()
    expect(await reason('9305 7718 6624 0391')).toBeNull()
    expect(await reason('мой кот любит рыбу')).toBeNull()
  })

  it('takes 64 characters and 256, and refuses one more without cutting it [ASVS 6.2.9]', async () => {
    const long = good.repeat(20)
    const unlike = (length: number): string =>
      Array.from({ length }, (_, index) => good[(index * index + index) % 15]).join('')
    expect(await reason(unlike(64))).toBeNull()
    expect(await reason(unlike(256))).toBeNull()
    expect(await rules.check(unlike(257))).toEqual({ reason: 'long', maxLength: 256 })
    expect(await reason(long)).toBe('long')
  })

  it('refuses a megabyte at once', async () => {
    const before = process.cpuUsage()
    expect(await reason('x'.repeat(1_000_000))).toBe('long')
    expect(process.cpuUsage(before).user).toBeLessThan(100_000)
  })

  it('refuses what is no text that can be written down', async () => {
    expect(await reason(`${good}\ud800`)).toBe('unreadable')
    expect(await reason(7 as unknown as string)).toBe('unreadable')
  })

  it.each([
    'passwordpassword',
    'PASSWORD password',
    '123456789012345',
    'aaaaaaaaaaaaaaaa',
    'abcdefghijklmnop',
    'qwertyuiopasdfgh',
    'iloveyouiloveyou',
    'p@ssw0rdp@ssw0rd',
    'dragon1234567890',
  ])('refuses %s as common', async password => {
    expect(await reason(password)).toBe('common')
  })

  it('says what makes a password common', async () => {
    const problem = await rules.check('aaaaaaaaaaaaaaaa')
    expect(problem).toEqual({ reason: 'common', warning: expect.stringMatching(/repeat/i) })
  })

  it('refuses what is made of words that anybody would try [ASVS 6.2.11]', async () => {
    const person = { email: 'ada.byron@analytical.org', name: 'Ada Lovelace' }
    expect(await rules.check('cloakroom-2026!')).toEqual({ reason: 'context', word: 'cloakroom' })
    expect(await reason('Example-Shop 26!')).toBe('context')
    expect(await reason('LOVELACEbyron 1', person)).toBe('context')
    expect(await reason('analytical12345', person)).toBe('context')
    expect(await reason('lovelace vk 7 Zuq brm', person)).toBeNull()
  })

  it('refuses what a service knows from leaks [ASVS 6.2.12]', async () => {
    const asked: string[] = []
    const strict = createPasswordRules({
      async isCompromised(password) {
        asked.push(password)
        return true
      },
    })
    expect(await strict.check(good)).toEqual({ reason: 'compromised' })
    expect(await strict.check('short')).toMatchObject({ reason: 'short' })
    expect(asked).toEqual([good])
  })

  it('works while that service does not', async () => {
    const offline = createPasswordRules({
      isCompromised: () => Promise.reject(new Error('offline')),
    })
    expect(await offline.check(good)).toBeNull()
  })

  it('knows what nobody can have as a password', () => {
    expect(rules.isImpossible('short')).toBe(false)
    expect(rules.isImpossible('x'.repeat(257))).toBe(true)
    expect(rules.isImpossible('\udc00')).toBe(true)
  })

  it('estimates for a meter, with the words of the person', () => {
    expect(rules.estimate('password')).toMatchObject({ score: 0, warning: expect.any(String) })
    expect(rules.estimate(good)).toMatchObject({ score: 4, warning: '' })
    const name = 'Zuqbrmoj Vkuzlatch'
    const { guessesLog10 } = rules.estimate('zuqbrmojvkuzlatch', { name })
    expect(guessesLog10).toBeLessThan(rules.estimate('zuqbrmojvkuzlatch').guessesLog10)
  })

  it.each([
    ['minLength', 7],
    ['maxLength', 63],
    ['minScore', 5],
    ['length', 15],
  ])('refuses the setting %s: %j', (name, value) => {
    expect(() => createPasswordRules({ [name]: value })).toThrow(`\`passwords.${name}\``)
  })
})

describe('the blocklist', () => {
  const common = dictionary['passwords-common'].map(String)

  it('holds every password of the list that the least length of 8 would let pass [ASVS 6.2.4, 6.2.12]', async () => {
    const short = createPasswordRules({ minLength: 8 })
    const fitting = common.filter(password => password.length >= 8)
    expect(fitting.length).toBeGreaterThan(3000)
    const results = await Promise.all(fitting.map(password => short.check(password)))
    expect(results.filter(problem => problem?.reason !== 'common')).toEqual([])
  })

  it('holds what becomes of the list when it is repeated up to the least length of 15', async () => {
    const repeated = common.map(text => text.repeat(Math.ceil(15 / text.length)))
    const fitting = [...new Set(repeated)].filter(password => password.length <= 256)
    expect(fitting.length).toBeGreaterThan(3000)
    const results = await Promise.all(fitting.map(password => rules.check(password)))
    expect(results.filter(problem => problem?.reason !== 'common')).toEqual([])
  })

  it('has no regard to case', () => {
    const { has, size } = createBlocklist()
    expect(size).toBeGreaterThan(40_000)
    expect([has('PassWord'), has('PassWordPassWord'), has('PassWordPass')]).toEqual([
      true,
      true,
      false,
    ])
  })
})

describe('repeatedPart', () => {
  it.each([
    ['abcabcabc', 'abc'],
    ['aaaa', 'a'],
    ['abcab', 'abcab'],
    ['abab', 'ab'],
    ['x', 'x'],
    ['', ''],
  ])('of %j is %j', (text, part) => {
    expect(repeatedPart(text)).toBe(part)
  })
})

describe('preview', () => {
  it('rates what would be taken as the estimate does', () => {
    expect(rules.preview(good)).toEqual({ score: rules.estimate(good).score, problem: null })
  })

  it('rates low what would be refused, however hard to guess, and says why', () => {
    expect(rules.preview('xK9#vQ2$')).toMatchObject({ score: 1, problem: { reason: 'short' } })
    expect(rules.preview('passwordpassword')).toMatchObject({ problem: { reason: 'common' } })
    expect(rules.preview('\ud800')).toEqual({ score: 0, problem: { reason: 'unreadable' } })
    const context = { name: 'Wolfeschlegelstein' }
    expect(rules.preview('Wolfeschlegelstein1', context)).toMatchObject({
      score: 1,
      problem: { reason: 'context' },
    })
  })

  it('asks no service', () => {
    const isCompromised = (): Promise<boolean> => Promise.reject(new Error('asked'))
    expect(createPasswordRules({ isCompromised }).preview(good).problem).toBeNull()
  })
})
