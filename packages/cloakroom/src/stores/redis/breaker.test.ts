import { describe, expect, it, vi } from 'vitest'
import { createManualClock, type ManualClock } from '../../core/clock.ts'
import { type Breaker, createBreaker } from './breaker.ts'

describe('createBreaker', () => {
  it('opens after as many failures in a row as told', () => {
    const { breaker, onChange } = setUp()
    fail(breaker, 4)
    expect(breaker.isOpen).toBe(false)
    fail(breaker, 1)
    expect(breaker.isOpen).toBe(true)
    expect(onChange).toHaveBeenCalledExactlyOnceWith(true)
  })

  it('begins counting anew with every answer', () => {
    const { breaker, clock } = setUp()
    fail(breaker, 4)
    breaker.succeed()
    clock.advance(1000)
    fail(breaker, 4)
    expect(breaker.isOpen).toBe(false)
  })

  it('stays closed while others of a cluster answer', () => {
    const { breaker, clock } = setUp()
    breaker.succeed()
    clock.advance(99)
    fail(breaker, 50)
    expect(breaker.isOpen).toBe(false)
    clock.advance(1)
    fail(breaker, 1)
    expect(breaker.isOpen).toBe(true)
  })

  it('lets nobody through, and then one', () => {
    const { breaker, clock } = setUp()
    fail(breaker, 5)
    expect(breaker.allows()).toBe(false)
    clock.advance(499)
    expect(breaker.allows()).toBe(false)
    clock.advance(1)
    expect(breaker.allows()).toBe(true)
    expect(breaker.allows()).toBe(false)
    clock.advance(60_000)
    expect(breaker.allows()).toBe(false)
  })

  it('closes when the one was answered', () => {
    const { breaker, clock, onChange } = setUp()
    fail(breaker, 5)
    clock.advance(500)
    breaker.allows()
    breaker.succeed()
    expect(breaker.isOpen).toBe(false)
    expect(breaker.allows()).toBe(true)
    expect(onChange).toHaveBeenLastCalledWith(false)
  })

  it('waits twice as long after each failed attempt, up to a bound', () => {
    const { breaker, clock } = setUp()
    fail(breaker, 5)
    for (const waitMs of [500, 1000, 2000, 4000, 5000, 5000]) {
      clock.advance(waitMs - 1)
      expect(breaker.allows()).toBe(false)
      clock.advance(1)
      expect(breaker.allows()).toBe(true)
      breaker.fail()
    }
  })

  it('tells the probe that failed from calls before it', () => {
    const { breaker, clock } = setUp()
    fail(breaker, 5)
    expect(breaker.fail()).toBe(false)
    clock.advance(500)
    breaker.allows()
    expect(breaker.fail()).toBe(true)
    expect(breaker.fail()).toBe(false)
  })

  it('does not wait longer for calls that began before it opened', () => {
    const { breaker, clock } = setUp()
    fail(breaker, 50)
    clock.advance(500)
    expect(breaker.allows()).toBe(true)
  })

  it('begins with the short wait again when it opens again', () => {
    const { breaker, clock } = setUp()
    fail(breaker, 5)
    clock.advance(500)
    breaker.allows()
    breaker.fail()
    clock.advance(1000)
    breaker.allows()
    breaker.succeed()
    clock.advance(100)
    fail(breaker, 5)
    clock.advance(500)
    expect(breaker.allows()).toBe(true)
  })

  it('is not held open by a clock that was set back', () => {
    const { breaker, clock } = setUp()
    fail(breaker, 5)
    clock.advance(-3_600_000)
    expect(breaker.allows()).toBe(true)
  })
})

function setUp(): { breaker: Breaker; clock: ManualClock; onChange: (isOpen: boolean) => void } {
  const clock = createManualClock()
  const onChange = vi.fn<(isOpen: boolean) => void>()
  const limits = { failures: 5, retryMs: 500, maxRetryMs: 5000 }
  return { breaker: createBreaker({ clock, onChange, ...limits }), clock, onChange }
}

function fail(breaker: Breaker, times: number): void {
  for (let count = 0; count < times; count += 1) breaker.fail()
}
