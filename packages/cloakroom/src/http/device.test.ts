import { describe, expect, it } from 'vitest'
import { describeDevice } from './device.ts'

const windows = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)'
const mac =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko)'
const iphone = 'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15'
const android = 'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko)'

describe('describeDevice', () => {
  it.each([
    [`${windows} Chrome/140.0.0.0 Safari/537.36`, 'Chrome on Windows'],
    [`${windows} Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0`, 'Edge on Windows'],
    [`${windows} Chrome/140.0.0.0 Safari/537.36 OPR/120.0.0.0`, 'Opera on Windows'],
    [`${windows} Chrome/140.0.0.0 Safari/537.36 Vivaldi/7.5`, 'Vivaldi on Windows'],
    [`${mac} Version/18.5 Safari/605.1.15`, 'Safari on macOS'],
    [`${iphone} Version/18.5 Mobile/15E148 Safari/604.1`, 'Safari on iPhone'],
    [`${iphone} CriOS/140.0.0.0 Mobile/15E148 Safari/604.1`, 'Chrome on iPhone'],
    [`${iphone} FxiOS/140.0 Mobile/15E148 Safari/605.1.15`, 'Firefox on iPhone'],
    [`${android} Chrome/140.0.0.0 Mobile Safari/537.36`, 'Chrome on Android'],
    [
      `${android} SamsungBrowser/28.0 Chrome/130.0.0.0 Safari/537.36`,
      'Samsung Internet on Android',
    ],
    ['Mozilla/5.0 (iPad; CPU OS 18_5 like Mac OS X) Version/18.5 Safari/604.1', 'Safari on iPad'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    ['Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) Chrome/140.0.0.0', 'Chrome on ChromeOS'],
    ['curl/8.14.1', 'curl'],
    ['python-requests/2.32.4', 'Python'],
    ['node', 'Node.js'],
  ])('names the browser and system of %s', (userAgent, name) => {
    expect(describeDevice(userAgent)).toBe(name)
  })

  it('has no name for nothing', () => {
    expect(describeDevice(undefined)).toBeNull()
    expect(describeDevice('')).toBeNull()
  })

  it('keeps the beginning of what it does not know, without what a terminal acts upon', () => {
    expect(describeDevice('InternalProbe/1.0 (monitoring)')).toBe('InternalProbe/1.0 (monitoring)')
    expect(describeDevice('a\u001b[31m\n\u202e\ud83e\udde5')).toBe('a?[31m????')
    expect(describeDevice('x'.repeat(500))).toBe('x'.repeat(40))
  })

  it.each([
    ['digits', `Version/${'1'.repeat(16_000)}`],
    ['versions', 'Version/1 '.repeat(1600)],
    ['commas', `${'Mozilla/5.0 ('.repeat(1200)}`],
  ])('takes no time for a header full of %s', (_name, userAgent) => {
    const startedAt = performance.now()
    for (let count = 0; count < 20; count += 1) describeDevice(userAgent)
    expect(performance.now() - startedAt).toBeLessThan(50)
  })
})
