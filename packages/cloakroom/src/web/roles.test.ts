import { describe, expect, it } from 'vitest'
import { resolveRoles } from './roles.ts'

describe('resolveRoles', () => {
  it('lets each role do what the roles below it may', () => {
    const roles = resolveRoles()
    expect(roles.reaches('admin', 'user')).toBe(true)
    expect(roles.reaches('user', 'user')).toBe(true)
    expect(roles.reaches('guest', 'user')).toBe(false)
    expect(roles.reaches(null, 'guest')).toBe(false)
  })

  it('lets nobody reach a role that is not on the ladder', () => {
    const roles = resolveRoles()
    expect(roles.reaches('emperor', 'user')).toBe(false)
    expect(roles.reaches('admin', 'emperor')).toBe(false)
  })

  it('grants permissions upwards', () => {
    const roles = resolveRoles({ permissions: { user: ['cart:edit'], admin: ['user:ban'] } })
    expect(roles.allows('guest', 'cart:edit')).toBe(false)
    expect(roles.allows('admin', 'cart:edit')).toBe(true)
    expect(roles.allows('moderator', 'user:ban')).toBe(false)
    expect(roles.allows('emperor', 'cart:edit')).toBe(false)
    expect(roles.allows(null, 'cart:edit')).toBe(false)
  })

  it('takes a ladder of your own', () => {
    const roles = resolveRoles({ ladder: ['reader', 'editor'] })
    expect(roles.reaches('editor', 'reader')).toBe(true)
    expect(() => roles.requireKnown('editor')).not.toThrow()
    expect(() => roles.requireKnown('admin')).toThrow(/`admin` is not a role/)
  })

  it('refuses a ladder or permission that makes no sense', () => {
    expect(() => resolveRoles({ ladder: [] })).toThrow(/`roles.ladder`/)
    expect(() => resolveRoles({ ladder: ['a', 'a'] })).toThrow(/`roles.ladder`/)
    expect(() => resolveRoles({ permissions: { king: ['all'] } })).toThrow(/`king`/)
  })
})
