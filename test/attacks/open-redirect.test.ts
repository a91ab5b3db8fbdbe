import { describe, expect, it } from 'vitest'
import { safeRedirectPath } from '../../packages/cloakroom/src/http/redirect.ts'

const targets = [
  '//evil.test',
  '///evil.test',
  '////evil.test',
  '/\\evil.test',
  '\\\\evil.test',
  '\\/evil.test',
  '/\t/evil.test',
  '/\n/evil.test',
  '/\r\n/evil.test',
  '\t//evil.test',
  ' //evil.test',
  '/ /evil.test',
  '/./\\evil.test',
  '/.//evil.test',
  '/..//evil.test',
  '/a/..//evil.test',
  '/%2e//evil.test',
  '/%2e%2e//evil.test',
  '/%09/evil.test',
  '/%5cevil.test',
  '/\u0000/evil.test',
  '/\u200b/evil.test',
  '/\u2028/evil.test',
  '/／evil.test',
  'https:evil.test',
  'https:/evil.test',
  'https:///evil.test',
  'http:evil.test',
  'HTTP://evil.test',
  'http://good.test.evil.test',
  'http://good.test@evil.test',
  'https://good.test@evil.test',
  'https://good.test:pass@evil.test/',
  'https://evil.test@good.test/',
  'https://evil.test\\@good.test/',
  'https://good.test:8443/',
  'http://good.test/',
  'https://good.test%2eevil.test/',
  'https://good.test。evil.test/',
  'javascript:alert(1)//good.test',
  'java\tscript:alert(1)',
  'data:text/html,x',
  'blob:https://good.test/x',
  'filesystem:https://good.test/x',
  '//[::1]',
  '@evil.test',
  '.evil.test',
]

const pages = [
  'https://app.test/login?next=1',
  'http://app.test/deep/er/page',
  'https://good.test/',
]

describe('open redirect', () => {
  it.each(targets)('does not lead from the site to %j', target => {
    const location = safeRedirectPath(target, { origins: ['https://good.test'] })
    expect(location).toMatch(/^\/(?![/\\])/)
    for (const page of pages) expect(new URL(location, page).origin).toBe(new URL(page).origin)
  })

  it('goes to another host only when it is on the list, port included', () => {
    const options = { origins: ['https://good.test', 'https://good.test:8443'] }
    expect(safeRedirectPath('https://good.test/x', options)).toBe('https://good.test/x')
    expect(safeRedirectPath('https://good.test:8443/x', options)).toBe('https://good.test:8443/x')
    expect(safeRedirectPath('https://good.test:9443/x', options)).toBe('/')
  })
})
