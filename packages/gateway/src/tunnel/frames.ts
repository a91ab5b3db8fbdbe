/** Follows a stream of WebSocket frames without keeping any of it (RFC 6455, section 5.2). */
export interface FrameReader {
  readonly push: (chunk: Uint8Array) => void
  /** Whether all that came so far are whole frames. */
  isBetweenFrames(): boolean
}

/** Opcodes of data: a continuation, text or bytes. The others are closing, ping and pong. */
export function isDataFrame(opcode: number): boolean {
  return opcode <= 2
}

/** Two bytes, eight of a long length, four of a mask. */
const longestHead = 14

/** Makes a {@link FrameReader}, which tells the opcode of each frame as it begins. */
export function createFrameReader(onFrame: (opcode: number) => void): FrameReader {
  const head = new Uint8Array(longestHead)
  let headLength = 0
  let payloadLeft = 0

  function push(chunk: Uint8Array): void {
    let at = 0
    while (at < chunk.length) {
      if (payloadLeft > 0) {
        const skipped = Math.min(payloadLeft, chunk.length - at)
        payloadLeft -= skipped
        at += skipped
        continue
      }
      head[headLength] = chunk[at] ?? 0
      headLength += 1
      at += 1
      if (headLength < lengthOfHead(head, headLength)) continue
      payloadLeft = lengthOfPayload(head)
      headLength = 0
      onFrame((head[0] ?? 0) & 0x0f)
    }
  }

  return { push, isBetweenFrames: () => headLength === 0 && payloadLeft === 0 }
}

/** As far as it can be told from the bytes at hand. */
function lengthOfHead(head: Uint8Array, known: number): number {
  if (known < 2) return 2
  const second = head[1] ?? 0
  const short = second & 0x7f
  return 2 + (short === 126 ? 2 : short === 127 ? 8 : 0) + (second & 0x80 ? 4 : 0)
}

function lengthOfPayload(head: Uint8Array): number {
  const view = new DataView(head.buffer)
  const short = (head[1] ?? 0) & 0x7f
  if (short === 126) return view.getUint16(2)
  return short === 127 ? Number(view.getBigUint64(2)) : short
}

/** A closing frame as a server sends it: without a mask. */
export function closingFrame(code: number, reason: string): Uint8Array {
  const text = Buffer.from(reason).subarray(0, 123)
  const frame = Buffer.alloc(4 + text.length)
  frame[0] = 0x88
  frame[1] = 2 + text.length
  frame.writeUInt16BE(code, 2)
  text.copy(frame, 4)
  return frame
}
