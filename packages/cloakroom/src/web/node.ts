import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Exchange } from './exchange.ts'

/** Middleware as Express and others that build on node:http take it. */
export type NodeMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** An {@link Exchange} over the request and response of node:http, which Express and Koa share. */
export function nodeExchange(request: IncomingMessage, response: ServerResponse): Exchange {
  const { socket } = request
  return {
    method: request.method ?? 'GET',
    path: pathOf(request),
    header(name) {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    socketAddress: socket.remoteAddress,
    isEncrypted: 'encrypted' in socket && socket.encrypted === true,
    response: {
      get isSent() {
        return response.headersSent
      },
      get(name) {
        const value = response.getHeader(name)
        return Array.isArray(value) ? value.join(', ') : value?.toString()
      },
      set: (name, value) => response.setHeader(name, value),
      remove: name => response.removeHeader(name),
      get cookies() {
        const lines = response.getHeader('set-cookie')
        return Array.isArray(lines) ? lines : lines === undefined ? [] : [String(lines)]
      },
      setCookies: lines => response.setHeader('set-cookie', lines),
    },
  }
}

/** Express shortens `url` inside a mounted router; `originalUrl` is what was asked for. */
function pathOf(request: IncomingMessage & { originalUrl?: string }): string {
  return (request.originalUrl ?? request.url ?? '/').split('?', 1)[0] ?? '/'
}

/** What {@link holdHead} does at the decisive moment. */
export interface HeadHold {
  /** Called once, when the headers are about to leave; null when they may leave at once. */
  readonly before: () => Promise<void> | null
  /** Called when `before` rejects; the response is then as empty as it was at first. */
  readonly onError: (error: unknown) => void
}

type Call = () => unknown

/**
 * Holds back the head of a response until `before` is done.
 *
 * Node sends the headers within whichever of these calls comes first, and gives nobody a chance to
 * wait. So the calls are kept, in order, and made again afterwards.
 */
export function holdHead(response: ServerResponse, hold: HeadHold): void {
  const own = {
    writeHead: response.writeHead,
    write: response.write,
    end: response.end,
    flushHeaders: response.flushHeaders,
  }
  const initial = response.getHeaders()
  const initialStatus = response.statusCode
  let state: 'open' | 'waiting' | 'done' = 'open'
  let calls: Call[] = []

  function intercept(name: keyof typeof own, held: unknown): void {
    const replacement = (...args: unknown[]): unknown => {
      const call: Call = () => Reflect.apply(own[name], response, args)
      if (state === 'open') begin()
      if (state === 'done') return call()
      calls.push(call)
      return held
    }
    Reflect.set(response, name, replacement)
  }

  function begin(): void {
    const waiting = hold.before()
    state = waiting === null ? 'done' : 'waiting'
    waiting?.then(release, abandon)
  }

  function release(): void {
    state = 'done'
    for (const call of calls) call()
    calls = []
    if (!response.writableEnded) response.emit('drain')
  }

  function abandon(error: unknown): void {
    state = 'done'
    calls = []
    for (const name of response.getHeaderNames()) response.removeHeader(name)
    for (const [name, value] of Object.entries(initial)) {
      if (value !== undefined) response.setHeader(name, value)
    }
    response.statusCode = initialStatus
    hold.onError(error)
  }

  intercept('writeHead', response)
  intercept('write', false)
  intercept('end', response)
  intercept('flushHeaders', undefined)
}
