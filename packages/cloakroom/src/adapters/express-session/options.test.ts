import { afterEach, describe, expect, it, vi } from 'vitest'
import { ConfigError } from '../../core/errors.ts'
import { MemoryStore } from './memory-store.ts'
import { resolveOptions } from './options.ts'

const secret = 'a secret of the tests'

afterEach(() => {
  vi.unstubAllEnvs()
  vi.restoreAllMocks()
})

describe('resolveOptions', () => {
  it.each<[string, object]>([
    ['name', { name: 'a=b; Max-Age=9; c' }],
    ['path', { cookie: { path: '/; Domain=evil.test' } }],
    ['path', { cookie: { path: '/\r\nX-A: 1' } }],
    ['domain', { cookie: { domain: 'example.test; Path=/x' } }],
  ])('refuses a %s at the start that would slip something into the header', (option, options) => {
    const resolve = () => resolveOptions({ secret, ...options })
    expect(resolve).toThrow(ConfigError)
    expect(resolve).toThrow(`option ${option} is invalid`)
  })

  it('takes a domain with a dot in front', () => {
    expect(() => resolveOptions({ secret, cookie: { domain: '.example.test' } })).not.toThrow()
  })

  it.each([undefined, new MemoryStore()])('warns of memory in production', store => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const options = { secret, store, resave: false, saveUninitialized: false }
    resolveOptions(options)
    expect(warn).not.toHaveBeenCalled()
    vi.stubEnv('NODE_ENV', 'production')
    resolveOptions(options)
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining('`store`'),
      'CloakroomWarning',
    )
  })

  it('warns once of a cookie that connections without TLS keep from the browser', () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    const { warnInsecure } = resolveOptions({ secret, resave: false, saveUninitialized: false })
    warnInsecure()
    warnInsecure()
    expect(warn).toHaveBeenCalledExactlyOnceWith(
      expect.stringContaining('`cookie.secure`'),
      'CloakroomWarning',
    )
  })

  it('makes ids of 192 random bits', () => {
    const { newId } = resolveOptions({ secret })
    const ids = Array.from({ length: 1000 }, () => newId({} as never))
    expect(ids.every(id => /^[\w-]{32}$/.test(id))).toBe(true)
    expect(new Set(ids).size).toBe(1000)
  })
})
