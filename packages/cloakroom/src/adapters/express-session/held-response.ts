import type { ServerResponse } from 'node:http'
import { applyWriteHead, createFreeze, headersSent } from './response-head.ts'

/** What {@link holdResponse} does at the two decisive moments. */
export interface ResponseHold {
  /**
   * Called when the headers are about to leave; null when they may leave at once.
   *
   * @param isEnd whether the whole response leaves with them.
   */
  beforeHead(isEnd: boolean): Promise<void> | null
  /** Called right before the headers leave, to put the last of them on the response. */
  completeHead(): void
  /** Called before the end of a response whose headers left earlier; null as above. */
  beforeEnd(): Promise<void> | null
  /**
   * Called when one of these failed. Where the headers had not left, the response is as empty again
   * as it was at first. Where they had, it is broken off, so that nobody takes it for a success.
   */
  onError(error: unknown): void
}

const methods = ['writeHead', 'flushHeaders', 'write', 'end'] as const

interface Call {
  readonly name: (typeof methods)[number]
  readonly args: readonly unknown[]
}

/**
 * Holds a response back until what it depends on is done.
 *
 * Node sends the headers within whichever of four calls comes first, and gives nobody a chance to
 * wait. So calls are kept, in order, and made again afterwards. For the handler the headers have
 * left by then, or it could still change those of a response it has ended.
 */
export function holdResponse(response: ServerResponse, hold: ResponseHold): void {
  const { writeHead, flushHeaders, write, end } = response
  const own = { writeHead, flushHeaders, write, end }
  const { statusCode, statusMessage } = response
  const initial = { headers: response.getHeaders(), statusCode, statusMessage }
  const freeze = createFreeze(response)
  let state: 'open' | 'sending' | 'ended' | 'failing' | 'failed' = 'open'
  let isHeld = false
  let isPassing = false
  let calls: Call[] = []

  for (const name of methods) {
    Reflect.set(response, name, (...args: unknown[]) => receive({ name, args }))
  }

  function receive(call: Call): unknown {
    // Node's own methods call each other.
    if (isPassing) return pass(call)
    if (state === 'failed') return passOnce(call)
    const { name, args } = call
    const isOver = state === 'ended' || state === 'failing'
    if (name === 'writeHead') {
      if (isHeld || state !== 'open') throw headersSent()
      if (!applyWriteHead(response, args)) return pass(call)
    }
    if (isOver || calls.some(({ name }) => name === 'end')) return answerTo(call)
    calls.push(name === 'writeHead' ? { name, args: args.slice(0, 1) } : call)
    const result = isHeld ? undefined : pump()
    if (calls.length === 0) return result
    if (name === 'end') freeze.noteEnd()
    return answerTo(call)
  }

  /** What a call returns that is made later, or never. */
  function answerTo({ name }: Call): unknown {
    return name === 'write' ? false : response
  }

  /** What takes the place of a failed response ends it; whatever else still comes is late. */
  function passOnce(call: Call): unknown {
    return response.writableEnded ? answerTo(call) : pass(call)
  }

  /** Makes the calls that were kept, up to one that has to wait. */
  function pump(): unknown {
    let result: unknown
    for (let call = calls[0]; call !== undefined; call = calls[0]) {
      if (isGate(call) && !open(call)) return undefined
      calls.shift()
      result = pass(call)
    }
    return result
  }

  function isGate({ name }: Call): boolean {
    return state === 'open' || (state === 'sending' && name === 'end')
  }

  /** False when the call has to wait. */
  function open({ name }: Call): boolean {
    const isHead = state === 'open'
    const isEnd = name === 'end'
    try {
      const waiting = isHead ? hold.beforeHead(isEnd) : hold.beforeEnd()
      if (waiting === null) {
        proceed(isHead, isEnd)
        return true
      }
      isHeld = true
      freeze.start()
      waiting.then(() => resume(isHead, isEnd)).catch(fail)
    } catch (error) {
      fail(error)
    }
    return false
  }

  function resume(isHead: boolean, isEnd: boolean): void {
    isHeld = false
    freeze.stop()
    proceed(isHead, isEnd)
    const [first] = calls
    if (first !== undefined) {
      calls.shift()
      pass(first)
    }
    pump()
    if (!isHeld && !response.writableEnded) response.emit('drain')
  }

  function proceed(isHead: boolean, isEnd: boolean): void {
    if (isHead) hold.completeHead()
    state = isEnd ? 'ended' : 'sending'
  }

  function pass({ name, args }: Call): unknown {
    const outer = isPassing
    isPassing = true
    try {
      return Reflect.apply(own[name], response, args)
    } finally {
      isPassing = outer
    }
  }

  function fail(error: unknown): void {
    if (!isHeld) freeze.start()
    isHeld = false
    calls = []
    state = 'failing'
    // The handler may be in the middle of its response, and goes on with it.
    setImmediate(() => {
      state = 'failed'
      freeze.stop()
      if (response.headersSent) response.destroy()
      else reset(response, initial)
      hold.onError(error)
    })
  }
}

function reset(
  response: ServerResponse,
  { headers, ...status }: { headers: object; statusCode: number; statusMessage: string },
): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  Object.assign(response, status)
}
