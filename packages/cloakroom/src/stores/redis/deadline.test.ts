import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createDeadlines } from './deadline.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const expired = () => new Error('expired')

describe('createDeadlines', () => {
  it('ends each in the twentieth after its time', () => {
    const deadlines = createDeadlines(1000, expired)
    const reject = vi.fn()
    deadlines.start(reject)
    vi.advanceTimersByTime(1000)
    expect(reject).not.toHaveBeenCalled()
    vi.advanceTimersByTime(50)
    expect(reject).toHaveBeenCalledExactlyOnceWith(new Error('expired'))
    expect(deadlines.size).toBe(0)
  })

  it('leaves those alone that were stopped', () => {
    const deadlines = createDeadlines(1000, expired)
    const reject = vi.fn()
    const deadline = deadlines.start(reject)
    expect(deadlines.stop(deadline)).toBe(true)
    vi.advanceTimersByTime(5000)
    expect(reject).not.toHaveBeenCalled()
  })

  it('tells whether one had ended before', () => {
    const deadlines = createDeadlines(100, expired)
    const deadline = deadlines.start(() => undefined)
    vi.advanceTimersByTime(110)
    expect(deadlines.stop(deadline)).toBe(false)
    expect(deadlines.stop(deadlines.start(() => undefined))).toBe(true)
  })

  it('ends them in order, whichever were stopped between', () => {
    const deadlines = createDeadlines(1000, expired)
    const ended: number[] = []
    const all = [0, 1, 2, 3, 4].map(index => {
      const deadline = deadlines.start(() => ended.push(index))
      vi.advanceTimersByTime(100)
      return deadline
    })
    for (const index of [0, 2, 4]) {
      const deadline = all[index]
      if (deadline !== undefined) deadlines.stop(deadline)
    }
    expect(deadlines.size).toBe(2)
    vi.advanceTimersByTime(2000)
    expect(ended).toEqual([1, 3])
  })

  it('holds one timer however many run, and none while none does', () => {
    const deadlines = createDeadlines(1000, expired)
    expect(vi.getTimerCount()).toBe(0)
    for (let count = 0; count < 1000; count += 1) deadlines.start(() => undefined)
    expect(vi.getTimerCount()).toBe(1)
    vi.advanceTimersByTime(2000)
    expect(vi.getTimerCount()).toBe(0)
  })
})
