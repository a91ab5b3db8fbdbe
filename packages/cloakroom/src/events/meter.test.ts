import { describe, expect, it } from 'vitest'
import { createMeter, type Measure } from './meter.ts'

describe('createMeter', () => {
  it('tells whoever listens, until they do no more', () => {
    const meter = createMeter()
    expect(meter.isHeard).toBe(false)
    const told: Measure[] = []
    const end = meter.on(measure => told.push(measure))
    expect(meter.isHeard).toBe(true)
    meter.tell({ kind: 'conflict' })
    end()
    meter.tell({ kind: 'conflict' })
    expect(told).toEqual([{ kind: 'conflict' }])
    expect(meter.isHeard).toBe(false)
  })

  it('is not broken by a listener that is', () => {
    const meter = createMeter()
    const told: Measure[] = []
    meter.on(() => {
      throw new Error('The listener is broken.')
    })
    meter.on(measure => told.push(measure))
    meter.tell({ kind: 'conflict' })
    expect(told).toHaveLength(1)
  })
})
