import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

/** What {@link holdHead} does at the decisive moment. */
export interface HeadHold {
  /** Called when the headers are about to leave; null when there is nothing to wait for. */
  readonly save: () => Promise<void> | null
  /** Puts the last headers on the response. Called when nothing has to be waited for any more. */
  readonly complete: () => void
  /** Called when `save` rejects, for a response that takes the place of the one that was held. */
  readonly onError: (error: unknown) => void
  /** Headers to go back to then. @default those that are there now */
  readonly initial?: OutgoingHttpHeaders
  /** Puts further headers on a head that went back to these. */
  readonly onReset?: () => void
  /** Whether it is the handler that runs, and not whoever answers an error in its place. */
  readonly isHandler?: () => boolean
}

/** What Node sends the headers with, and what each of them gives back while they are held. */
const sending = {
  writeHead: (response: ServerResponse) => response,
  write: () => false,
  end: (response: ServerResponse) => response,
  flushHeaders: () => undefined,
} as const

type Sending = keyof typeof sending

type Call = (name: Sending, args: readonly unknown[]) => unknown

/** Where a response keeps what holds it. */
const held: unique symbol = Symbol('cloakroom')

/**
 * Stands before the methods of every response that is held. Functions made for each response and
 * set on it would keep it, and all that hangs on it, in memory until the next full collection.
 */
const standIns = {
  writeHead(this: HeldResponse, ...args: unknown[]): unknown {
    return this[held]('writeHead', args)
  },
  write(this: HeldResponse, ...args: unknown[]): unknown {
    return this[held]('write', args)
  },
  end(this: HeldResponse, ...args: unknown[]): unknown {
    return this[held]('end', args)
  },
  flushHeaders(this: HeldResponse): unknown {
    return this[held]('flushHeaders', [])
  },
}

interface HeldResponse extends ServerResponse {
  [held]: Call
}

/**
 * Holds back the head of a response until all is saved.
 *
 * Node sends the headers within whichever of these calls comes first, and gives nobody a chance to
 * wait. So the calls are kept, in order, and made again afterwards. Meanwhile the response looks as
 * if its headers had left, so that a second answer fails as it would have.
 *
 * Gives a function that takes back what was put on the head since.
 */
export function holdHead(response: ServerResponse, hold: HeadHold): () => void {
  const { writeHead, write, end, flushHeaders, statusCode } = response
  const own = { writeHead, write, end, flushHeaders }
  const initial = hold.initial ?? response.getHeaders()
  let calls: (() => unknown)[] = []
  let unlock: (() => void) | null = null
  let isReleased = false
  let hasFailed = false

  function call(name: Sending, given: readonly unknown[]): unknown {
    if (hasFailed && isLate()) return sending[name](response)
    const isFirst = !isReleased && unlock === null
    const args = isFirst && name === 'writeHead' ? applyHead(response, given) : given
    if (isFirst) begin()
    if (isReleased) return Reflect.apply(own[name], response, args)
    calls.push(() => Reflect.apply(own[name], response, args))
    return sending[name](response)
  }

  /** The handler is told of no error, and may go on with a response that is another's by then. */
  function isLate(): boolean {
    return response.writableEnded || hold.isHandler?.() === true
  }

  function begin(): void {
    const saving = hold.save()
    if (saving === null) {
      release()
      return
    }
    unlock = lockHead(response)
    saving.then(release, abandon).catch(error => response.destroy(error))
  }

  function release(): void {
    unlock?.()
    hold.complete()
    isReleased = true
    for (const each of calls) each()
    if (unlock !== null && !response.writableEnded) response.emit('drain')
  }

  function abandon(error: unknown): void {
    unlock?.()
    unlock = null
    calls = []
    hasFailed = true
    reset()
    hold.onError(error)
  }

  function reset(): void {
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    setHeaders(response, initial)
    hold.onReset?.()
    response.statusCode = statusCode
  }

  intercept(response, call)
  return reset
}

function intercept(response: ServerResponse, call: Call): void {
  if (!(held in response)) {
    Object.assign(response, { [held]: call }, standIns)
    return
  }
  // Held already, and perhaps wrapped by others since: the same stand-ins would call themselves.
  for (const name of Object.keys(sending) as Sending[]) {
    Reflect.set(response, name, (...args: unknown[]) => call(name, args))
  }
}

/**
 * Puts the headers that `writeHead` was given on the response, where they can be seen and changed.
 * Gives what is left for `writeHead`.
 */
export function applyHead(response: ServerResponse, args: readonly unknown[]): readonly unknown[] {
  const headers = args.find(each => typeof each === 'object' && each !== null)
  if (headers === undefined) return args
  if (Array.isArray(headers)) appendHeaders(response, headers)
  else setHeaders(response, headers as OutgoingHttpHeaders)
  return args.filter(each => each !== headers)
}

/** Names and values in turn, or pairs of them; a name that comes twice makes two lines. */
function appendHeaders(response: ServerResponse, list: readonly unknown[]): void {
  const isPaired = Array.isArray(list[0])
  const pairs = isPaired ? (list as [string, string][]) : pairUp(list as readonly string[])
  for (const [name] of pairs) response.removeHeader(name)
  for (const [name, value] of pairs) response.appendHeader(name, value)
}

function pairUp(list: readonly string[]): [string, string][] {
  const places = Array.from({ length: list.length / 2 }, (_, index) => 2 * index)
  return places.map(at => [list[at] ?? '', list[at + 1] ?? ''])
}

function setHeaders(response: ServerResponse, headers: OutgoingHttpHeaders): void {
  for (const name of Object.keys(headers)) {
    const value = headers[name]
    if (value !== undefined) response.setHeader(name, value)
  }
}

const alwaysTrue: PropertyDescriptor = { configurable: true, get: () => true }
const headMethods = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader']

/** Has a response refuse changes of its head, as Node does once it has left. Gives the way back. */
export function lockHead(response: ServerResponse): () => void {
  const { statusCode, statusMessage } = response
  const names = [...headMethods, 'headersSent']
  const before = names.map(name => [name, Object.getOwnPropertyDescriptor(response, name)] as const)
  for (const name of headMethods) Reflect.set(response, name, refuseChange)
  Object.defineProperty(response, 'headersSent', alwaysTrue)
  return () => {
    for (const [name, own] of before) {
      Reflect.deleteProperty(response, name)
      if (own !== undefined) Object.defineProperty(response, name, own)
    }
    Object.assign(response, { statusCode, statusMessage })
  }
}

/** Fails as Node does when the head has left. */
export function refuseChange(): never {
  throw Object.assign(new Error('Cannot change headers after they are sent to the client'), {
    code: 'ERR_HTTP_HEADERS_SENT',
  })
}
