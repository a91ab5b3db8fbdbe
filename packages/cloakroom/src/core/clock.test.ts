import { describe, expect, it } from 'vitest'
import { createManualClock, systemClock } from './clock.ts'

describe('systemClock', () => {
  it('gives the time of the machine in milliseconds', () => {
    const before = Date.now()
    const now = systemClock.now()
    expect(now).toBeGreaterThanOrEqual(before)
    expect(now).toBeLessThanOrEqual(Date.now())
  })
})

describe('createManualClock', () => {
  it('stands still', () => {
    const clock = createManualClock()
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1))
    expect(clock.now()).toBe(Date.UTC(2026, 0, 1))
  })

  it('moves forth and back when told to', () => {
    const clock = createManualClock(1000)
    clock.advance(500)
    expect(clock.now()).toBe(1500)
    clock.advance(-700)
    expect(clock.now()).toBe(800)
  })
})
