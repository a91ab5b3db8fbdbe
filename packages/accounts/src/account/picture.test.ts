import { describe, expect, it } from 'vitest'
import { drawCode } from './picture.ts'

describe('drawCode', () => {
  it('draws a QR code with a light border of four fields', () => {
    const { size, path } = drawCode('otpauth://totp/Shop:ada?secret=GEZDGNBVGY3TQOJQ')
    // A code has 17 fields on a side and four more for each version.
    expect((size - 8 - 17) % 4).toBe(0)
    const fields = [...path.matchAll(/M(\d+) (\d+)h1v1h-1z/g)].map(([, x, y]) => [
      +(x ?? 0),
      +(y ?? 0),
    ])
    expect(path).toBe(fields.map(([x, y]) => `M${x} ${y}h1v1h-1z`).join(''))
    const places = fields.flat()
    expect([Math.min(...places), Math.max(...places)]).toEqual([4, size - 5])
  })
})
