import { describe, expect, it } from 'vitest'
import { type HttpWarning, warnOnce } from './warning.ts'

describe('warnOnce', () => {
  it('lets each message through once', () => {
    const seen: HttpWarning[] = []
    const warn = warnOnce(warning => seen.push(warning))
    const first: HttpWarning = { code: 'cookie-connection', level: 'warning', message: 'First.' }
    const second: HttpWarning = { code: 'cookie-connection', level: 'error', message: 'Second.' }
    for (const warning of [first, second, first, second]) warn(warning)
    expect(seen).toEqual([first, second])
  })
})
