import type { ServerResponse } from 'node:http'
import { applyHead, lockHead, refuseChange } from '../../web/hold-head.ts'

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
  let state: 'open' | 'sending' | 'ended' | 'failing' | 'failed' = 'open'
  let isHeld = false
  let isPassing = false
  let calls: Call[] = []
  let unlocks: (() => void)[] = []

  for (const name of methods) {
    Reflect.set(response, name, (...args: unknown[]) => receive({ name, args }))
  }

  function receive(call: Call): unknown {
    // Node's own methods call each other.
    if (isPassing) return pass(call)
    if (state === 'failed') return passOnce(call)
    const { name } = call
    let { args } = call
    if (name === 'writeHead') {
      if (isHeld || state !== 'open') refuseChange()
      if (!isStatus(args[0])) return pass(call)
      args = applyHead(response, args)
    }
    const isOver = state === 'ended' || state === 'failing'
    if (isOver || calls.some(({ name }) => name === 'end')) return answerTo(call)
    calls.push({ name, args })
    const result = isHeld ? undefined : pump()
    if (calls.length === 0) return result
    if (name === 'end') lookEnded()
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
      unlocks.push(lockHead(response))
      waiting.then(() => resume(isHead, isEnd)).catch(fail)
    } catch (error) {
      fail(error)
    }
    return false
  }

  function resume(isHead: boolean, isEnd: boolean): void {
    isHeld = false
    unlock()
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

  function lookEnded(): void {
    Object.defineProperty(response, 'writableEnded', { configurable: true, get: () => true })
    unlocks.push(() => Reflect.deleteProperty(response, 'writableEnded'))
  }

  function unlock(): void {
    for (const step of unlocks.reverse()) step()
    unlocks = []
  }

  function fail(error: unknown): void {
    if (!isHeld) unlocks.push(lockHead(response))
    isHeld = false
    calls = []
    state = 'failing'
    // The handler may be in the middle of its response, and goes on with it.
    setImmediate(() => {
      state = 'failed'
      unlock()
      if (response.headersSent) response.destroy()
      else reset(response, initial)
      hold.onError(error)
    })
  }
}

/** What Node takes for a status. */
function isStatus(value: unknown): boolean {
  return Number(value) >= 100 && Number(value) < 1000
}

function reset(
  response: ServerResponse,
  { headers, ...status }: { headers: object; statusCode: number; statusMessage: string },
): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name)
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
  Object.assign(response, status)
}
