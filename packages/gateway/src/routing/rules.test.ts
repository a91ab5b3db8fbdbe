import { describe, expect, it } from 'vitest'
import type { Allowance, RuleConfig } from '../config/config.ts'
import { createGlob } from './glob.ts'
import { createRules, decide } from './rules.ts'

const ladder = ['guest', 'user', 'moderator', 'admin']
const roles = {
  reaches: (role: string | null, atLeast: string): boolean =>
    ladder.includes(atLeast) && ladder.indexOf(role ?? '') >= ladder.indexOf(atLeast),
}

describe('createGlob', () => {
  it.each([
    ['/a', '/a', true],
    ['/a', '/a/', false],
    ['/a', '/A', true],
    ['/a/*', '/a/b', true],
    ['/a/*', '/a/b/c', false],
    ['/a/**', '/a', true],
    ['/a/**', '/a/', true],
    ['/a/**', '/a/b/c', true],
    ['/a/**', '/ab', false],
    ['/**', '/', true],
    ['/**', '/a/b', true],
    ['/*.js', '/a.js', true],
    ['/*.js', '/ajs', false],
    ['/a/**/z', '/a/b/c/z', true],
    ['/a+(b)', '/a+(b)', true],
    ['/a+(b)', '/aab', false],
    ['/a/**', '/a/\nb', true],
  ])('%s fits %s: %s', (pattern, path, expected) => {
    expect(createGlob(pattern).fits(path)).toBe(expected)
  })

  it('tells upper from lower case when asked to', () => {
    const glob = createGlob('/Public/**')
    expect([glob.fits('/public/a'), glob.fitsExactly('/public/a')]).toEqual([true, false])
  })
})

describe('createRules', () => {
  const given: RuleConfig[] = [
    { path: '/health', allow: 'public' },
    { path: ['/admin/**', '/setup'], allow: ['admin'] },
    { path: '/api/**', methods: ['GET'], allow: 'signed-in' },
    { path: '/api/**', allow: ['moderator'] },
    { path: '/docs/**', allow: 'signed-in' },
  ]
  const rules = createRules(given)

  it.each<[string, string, Allowance]>([
    ['GET', '/health', 'public'],
    ['GET', '/HEALTH', 'nobody'],
    ['GET', '/admin', ['admin']],
    ['POST', '/ADMIN/x', ['admin']],
    ['GET', '/setup', ['admin']],
    ['GET', '/api/x', 'signed-in'],
    ['HEAD', '/api/x', 'signed-in'],
    ['POST', '/api/x', ['moderator']],
    ['GET', '/elsewhere', 'nobody'],
  ])('judges %s %s by the first rule that fits', (method, path, allow) => {
    expect(rules.find({ method, path }).map(ruling => ruling.allow)).toEqual([allow])
  })

  it('names the rule, or that there is none', () => {
    expect(rules.find({ method: 'GET', path: '/docs' })[0]?.rule).toBe(given[4])
    expect(rules.find({ method: 'GET', path: '/' })[0]?.rule).toBeNull()
  })
})

describe('a path that servers read in several ways', () => {
  const rules = createRules([
    { path: '/admin/**', allow: ['admin'] },
    { path: '/open/**', allow: 'public' },
    { path: '/**', allow: 'signed-in' },
  ])

  it.each(['/admin;v=1/users', '/admin?x', '/admin#x', '/admin.', '/admin ', '/ａｄｍｉｎ/users'])(
    '%s is for those who may use all of them',
    path => {
      const rulings = rules.find({ method: 'GET', path })
      expect(decide(rulings, 'user', roles)).toBe('forbidden')
      expect(decide(rulings, 'admin', roles)).toBe('allowed')
    },
  )

  it('is public in every one of them, or not at all', () => {
    expect(decide(rules.find({ method: 'GET', path: '/open/a;b' }), null, roles)).toBe('allowed')
    expect(decide(rules.find({ method: 'GET', path: '/open;b' }), null, roles)).toBe('sign-in')
  })
})

describe('decide', () => {
  it.each<[Allowance, string | null, string]>([
    ['public', null, 'allowed'],
    ['nobody', 'admin', 'forbidden'],
    ['nobody', null, 'forbidden'],
    ['signed-in', null, 'sign-in'],
    ['signed-in', 'guest', 'allowed'],
    [['moderator'], null, 'sign-in'],
    [['moderator'], 'user', 'forbidden'],
    [['moderator'], 'admin', 'allowed'],
    [['unknown'], 'admin', 'forbidden'],
  ])('%j for %s: %s', (allow, role, decision) => {
    expect(decide([{ rule: null, allow }], role, roles)).toBe(decision)
  })
})
