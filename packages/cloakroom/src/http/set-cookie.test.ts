import { describe, expect, it } from 'vitest'
import { appendSetCookie } from './set-cookie.ts'

describe('appendSetCookie', () => {
  it('starts a list', () => {
    expect(appendSetCookie(undefined, 'a=1; Path=/')).toEqual(['a=1; Path=/'])
  })

  it('keeps a single line of somebody else, commas included', () => {
    const theirs = 'theme=dark; Expires=Thu, 01 Jan 2026 00:00:00 GMT'
    expect(appendSetCookie(theirs, 'a=1; Path=/')).toEqual([theirs, 'a=1; Path=/'])
  })

  it('replaces its own line and keeps the order of the others', () => {
    const lines = ['x=1', 'a=old; Path=/; Secure', 'y=2']
    expect(appendSetCookie(lines, 'a=new; Max-Age=0; path=/')).toEqual([
      'x=1',
      'y=2',
      'a=new; Max-Age=0; path=/',
    ])
  })

  it.each([
    ['name', 'A=1; Path=/'],
    ['path', 'a=1; Path=/app'],
    ['domain', 'a=1; Path=/; Domain=example.test'],
    ['partition', 'a=1; Path=/; Partitioned'],
    ['missing path', 'a=1'],
  ])('keeps a line that differs by its %s', (_, other) => {
    expect(appendSetCookie([other], 'a=2; Path=/')).toEqual([other, 'a=2; Path=/'])
  })

  it('takes spellings of one domain for the same', () => {
    const line = 'a=2; Domain=example.test'
    expect(appendSetCookie(['a=1; domain=.Example.Test'], line)).toEqual([line])
  })

  it('leaves the given list as it was', () => {
    const lines = ['a=1']
    appendSetCookie(lines, 'a=2')
    expect(lines).toEqual(['a=1'])
  })
})
