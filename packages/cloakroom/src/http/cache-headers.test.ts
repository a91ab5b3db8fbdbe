import { describe, expect, it } from 'vitest'
import { appendVary, cacheHeadersFor } from './cache-headers.ts'

const noStore = [['cache-control', 'private, no-store']]

describe('cacheHeadersFor', () => {
  it('leaves alone a response that has nothing to do with a session', () => {
    const existing = { cacheControl: 'public, max-age=60' }
    expect(cacheHeadersFor({ sessionRead: false, cookieWritten: false, existing })).toEqual({
      set: [],
      remove: [],
    })
  })

  it.each([undefined, 'public, s-maxage=60', 'private, max-age=60', 'no-cache'])(
    'forbids to store a response with a cookie, over Cache-Control %j',
    cacheControl => {
      const response = { sessionRead: false, cookieWritten: true, existing: { cacheControl } }
      expect(cacheHeadersFor(response).set).toEqual(noStore)
    },
  )

  it('takes off what would let a cache go by something else', () => {
    const response = { sessionRead: true, cookieWritten: true, existing: {} }
    expect(cacheHeadersFor(response).remove).toEqual(
      expect.arrayContaining(['cdn-cache-control', 'surrogate-control', 'expires', 'etag']),
    )
  })

  it.each([undefined, 'max-age=60', 'public, max-age=60', 'private, s-maxage=60', 'no-cache'])(
    'forbids to store what was made from a session, over Cache-Control %j',
    cacheControl => {
      const response = { sessionRead: true, cookieWritten: false, existing: { cacheControl } }
      expect(cacheHeadersFor(response).set).toEqual(noStore)
    },
  )

  it.each(['private, max-age=60', 'Private', 'no-store'])(
    'keeps %s and adds the cookie to Vary',
    cacheControl => {
      const existing = { cacheControl, vary: 'Accept' }
      expect(cacheHeadersFor({ sessionRead: true, cookieWritten: false, existing })).toEqual({
        set: [['vary', 'Accept, Cookie']],
        remove: [],
      })
    },
  )
})

describe('appendVary', () => {
  it('adds each name once, in any case', () => {
    expect(appendVary(undefined, ['Cookie'])).toBe('Cookie')
    expect(appendVary('accept, cookie', ['Cookie', 'Origin'])).toBe('accept, cookie, Origin')
    expect(appendVary(' , ', ['Cookie'])).toBe('Cookie')
  })

  it('leaves an asterisk alone', () => {
    expect(appendVary('Accept, *', ['Cookie'])).toBe('*')
  })
})
