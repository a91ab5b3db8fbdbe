import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Engine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import { beginHandling, type Handling } from './handle.ts'
import { holdHead } from './hold-head.ts'

/** Middleware as Express and others that build on node:http take it. */
export type NodeMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** One request of node:http, and what becomes of an error when the session cannot be saved. */
export interface NodeService {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly onError: (error: unknown) => void
}

/** Takes a request of node:http in; its response is held back until the session is saved. */
export function beginNodeHandling<Data extends object>(
  engine: Engine<Data>,
  { request, response, onError }: NodeService,
): Handling<Data> {
  const handling = beginHandling(engine, nodeExchange(request, response))
  holdHead(response, { save: handling.save, complete: handling.complete, onError })
  return handling
}

/** An {@link Exchange} over the request and response of node:http, which most frameworks share. */
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
    body: () => ('body' in request ? request.body : undefined),
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
