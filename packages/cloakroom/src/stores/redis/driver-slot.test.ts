import { describe, expect, it } from 'vitest'
import { keySlot } from './driver-slot.ts'

describe('keySlot', () => {
  // The check value of CRC-16/XMODEM is 0x31c3; the others are what CLUSTER KEYSLOT answers.
  it.each([
    ['123456789', 0x31c3],
    ['foo', 12182],
    ['{foo}bar', 12182],
    ['bar{foo}{zap}', 12182],
    ['foo{}{bar}', 8363],
    ['foo{{bar}}zap', 4015],
    ['', 0],
  ])('knows the slot of %j', (key, slot) => {
    expect(keySlot(key)).toBe(slot)
  })
})
