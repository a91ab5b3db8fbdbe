import { beforeEach, describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../../core/clock.ts'
import { createSilence, type Silence } from './silence.ts'

describe('createSilence', () => {
  let clock: ManualClock
  let silence: Silence
  beforeEach(() => {
    clock = createManualClock()
    silence = createSilence({ clock, calls: 3, patienceMs: 1000 })
  })

  const giveUp = (times: number): boolean[] => Array.from({ length: times }, silence.giveUp)

  it('is found when enough calls stay without an answer for long enough', () => {
    expect(giveUp(5)).not.toContain(true)
    clock.advance(999)
    expect(silence.giveUp()).toBe(false)
    clock.advance(1)
    expect(silence.giveUp()).toBe(true)
  })

  it('is not found where few calls are without an answer', () => {
    giveUp(1)
    clock.advance(5000)
    expect(silence.giveUp()).toBe(false)
    expect(silence.giveUp()).toBe(true)
  })

  it('is none as long as answers come, however late', () => {
    giveUp(5)
    for (let second = 0; second < 5; second += 1) {
      clock.advance(999)
      silence.end()
      expect(silence.giveUp()).toBe(false)
    }
  })

  it('is found again, should another connection be no better, and not at once', () => {
    giveUp(3)
    clock.advance(1000)
    expect(silence.giveUp()).toBe(true)
    expect(silence.giveUp()).toBe(false)
    clock.advance(1000)
    expect(silence.giveUp()).toBe(true)
  })
})
