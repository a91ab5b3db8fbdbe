import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { closingFrame, createFrameReader, isDataFrame } from './frames.ts'

interface Frame {
  readonly opcode: number
  readonly length: number
  readonly isMasked: boolean
}

function encode({ opcode, length, isMasked }: Frame): Buffer {
  const mask = isMasked ? 0x80 : 0
  const head = Buffer.alloc(2 + (length > 65_535 ? 8 : length > 125 ? 2 : 0) + (isMasked ? 4 : 0))
  head[0] = 0x80 | opcode
  head[1] = mask | (length > 65_535 ? 127 : length > 125 ? 126 : length)
  if (length > 65_535) head.writeBigUInt64BE(BigInt(length), 2)
  else if (length > 125) head.writeUInt16BE(length, 2)
  return Buffer.concat([head, Buffer.alloc(length, 0x89)])
}

const frames = fc.array(
  fc.record({
    opcode: fc.constantFrom(0, 1, 2, 8, 9, 10),
    length: fc.oneof(fc.nat(130), fc.integer({ min: 65_000, max: 66_000 })),
    isMasked: fc.boolean(),
  }),
  { maxLength: 8 },
)

describe('createFrameReader', () => {
  it('tells every frame once, however the bytes arrive', () => {
    fc.assert(
      fc.property(frames, fc.array(fc.integer({ min: 1, max: 70_000 })), (given, cuts) => {
        const bytes = Buffer.concat(given.map(encode))
        const seen: number[] = []
        const reader = createFrameReader(opcode => seen.push(opcode))
        let at = 0
        for (const cut of [...cuts, bytes.length]) {
          reader.push(bytes.subarray(at, at + cut))
          at += cut
        }
        expect(seen).toEqual(given.map(({ opcode }) => opcode))
        expect(reader.isBetweenFrames()).toBe(true)
      }),
    )
  })

  it('knows that it is within a frame', () => {
    const reader = createFrameReader(() => undefined)
    const bytes = encode({ opcode: 2, length: 200, isMasked: true })
    for (const byte of bytes.subarray(0, -1)) {
      reader.push(Uint8Array.of(byte))
      expect(reader.isBetweenFrames()).toBe(false)
    }
    reader.push(bytes.subarray(-1))
    expect(reader.isBetweenFrames()).toBe(true)
  })
})

describe('isDataFrame', () => {
  it('tells data from closing, ping and pong', () => {
    expect([0, 1, 2, 8, 9, 10].filter(isDataFrame)).toEqual([0, 1, 2])
  })
})

describe('closingFrame', () => {
  it('holds code and reason, without a mask', () => {
    expect([...closingFrame(4001, 'no')]).toEqual([0x88, 4, 0x0f, 0xa1, 0x6e, 0x6f])
  })
})
