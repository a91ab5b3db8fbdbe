import { describe, expect, it } from 'vitest'
import { isNavigation } from './navigation.ts'
import { createSite } from './site.ts'

describe('createSite', () => {
  const site = createSite(['https://app.example', 'https://other.example:8443'])

  it.each([
    ['app.example', true],
    ['APP.example:443', true],
    ['other.example:8443', true],
    ['other.example', false],
    ['app.example.evil.example', false],
    ['app.example@evil.example', false],
    ['', false],
    [undefined, false],
  ])('is called %s: %s', (host, expected) => {
    expect(site.isOwnHost({ host })).toBe(expected)
  })

  it.each([
    ['https://app.example', true],
    ['http://app.example', false],
    ['https://app.example.evil.example', false],
    ['null', false],
    [undefined, false],
  ])('has the origin %s: %s', (origin, expected) => {
    expect(site.isOwnOrigin(origin === undefined ? {} : { origin })).toBe(expected)
  })

  it.each([
    ['GET', { origin: 'https://evil.example' }, false],
    ['POST', { origin: 'https://app.example' }, false],
    ['POST', { origin: 'https://evil.example' }, true],
    ['POST', { origin: 'null' }, true],
    ['POST', {}, false],
    ['POST', { 'sec-fetch-site': 'same-origin' }, false],
    ['POST', { 'sec-fetch-site': 'same-site' }, true],
    ['DELETE', { 'sec-fetch-site': 'cross-site' }, true],
  ])('%s with %j is foreign: %s', (method, headers, expected) => {
    expect(site.isForeign(method, headers)).toBe(expected)
  })
})

describe('isNavigation', () => {
  const html = { accept: 'text/html,*/*' }
  it.each([
    ['GET', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, true],
    ['GET', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, true],
    ['GET', { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'embed' }, false],
    ['GET', { ...html, 'sec-fetch-mode': 'cors' }, false],
    ['POST', { ...html, 'sec-fetch-mode': 'navigate' }, false],
    ['GET', html, true],
    ['HEAD', html, true],
    ['GET', { ...html, 'x-requested-with': 'XMLHttpRequest' }, false],
    ['GET', { ...html, upgrade: 'websocket' }, false],
    ['GET', { accept: '*/*' }, false],
    ['GET', {}, false],
  ])('%s with %j: %s', (method, headers, expected) => {
    expect(isNavigation(method, headers)).toBe(expected)
  })
})
