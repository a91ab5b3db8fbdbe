import { describe, expect, it } from 'vitest'
import { createKeys } from './keys.ts'

const id = 'abcDEFGHIJKL-_mnopqrst'
const keys = createKeys('cr:')

describe('createKeys', () => {
  it('keeps all that belongs to a bucket in one slot of a Cluster', () => {
    const names = [keys.session(id), keys.retired(id), keys.index(id), keys.epoch(id.slice(0, 12))]
    expect(names.map(name => /\{(.+?)\}/.exec(name)?.[1])).toEqual(['abc', 'abc', 'abc', 'abc'])
    expect(new Set(names).size).toBe(4)
  })

  it('names a session by the bucket and its member', () => {
    expect(keys.session(id)).toBe('cr:{abc}sDEFGHIJKL-_mnopqrst')
    expect(keys.sessionsOf(id) + keys.member(id)).toBe(keys.session(id))
    expect(keys.member(id).startsWith(keys.member(id.slice(0, 12)))).toBe(true)
  })

  it('knows the id of a session by its key, and of nothing else', () => {
    expect(keys.sessionIdOf(keys.session(id))).toBe(id)
    const others = [
      keys.retired(id),
      keys.index(id),
      keys.epoch(id.slice(0, 12)),
      keys.epochs(),
      `${keys.session(id)}x`,
      keys.session(id).slice(0, -1),
      `x${keys.session(id)}`,
      keys.session(id).replace('-', '.'),
    ]
    expect(others.map(keys.sessionIdOf)).toEqual(others.map(() => null))
  })

  it('takes dots in a prefix for dots', () => {
    const dotted = createKeys('app.one:')
    expect(dotted.sessionIdOf(dotted.session(id))).toBe(id)
    expect(dotted.sessionIdOf(dotted.session(id).replace('app.one', 'appXone'))).toBeNull()
  })
})
