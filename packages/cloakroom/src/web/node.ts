import type { IncomingMessage, ServerResponse } from 'node:http'
import { isRunning, runHandling } from './context.ts'
import type { Engine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import { beginHandling, type Handling } from './handle.ts'
import { holdHead } from './hold-head.ts'
import { answerError } from './problem.ts'

/** One request of node:http, and what becomes of an error when the session cannot be saved. */
export interface NodeService<Data extends object> {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /**
   * Called with a handling for what follows, which runs with it: so it is told apart from a handler
   * that goes on writing. @default a bare answer
   */
  readonly onError?: (error: unknown, handling: Handling<Data>) => void
  /** Called when the head of the response is taken back. */
  readonly onReset?: () => void
  /** @default what a parser left in `request.body` */
  readonly body?: () => unknown
}

/**
 * Takes a request of node:http in. Its response is held back until the session is saved.
 *
 * Frameworks that have a path of their own for errors save earlier: when that fails, what was put
 * on the head of the response is taken back.
 */
export function beginNodeHandling<Data extends object>(
  engine: Engine<Data>,
  service: NodeService<Data>,
): Handling<Data> {
  const { request, response, body, onReset, onError } = service
  const answer = onError ?? (error => answerNode(error, request, response))
  // Fewer than there are once our own are among them.
  const initial = response.getHeaders()
  const handling = beginHandling(engine, nodeExchange(request, response, body))
  const { save, secure, complete } = handling
  const reset = holdHead(response, {
    save,
    complete,
    initial,
    onReset: secure,
    isHandler: () => isRunning(handling),
    onError(error) {
      const other = { ...handling }
      runHandling(other, () => answer(error, other))
    },
  })
  const undo = (error: unknown): never => {
    reset()
    onReset?.()
    throw error
  }
  return Object.assign(handling, { save: () => save()?.catch(undo) ?? null })
}

/** An {@link Exchange} over the request and response of node:http, which most frameworks share. */
function nodeExchange(
  request: IncomingMessage,
  response: ServerResponse,
  body: () => unknown = () => ('body' in request ? request.body : undefined),
): Exchange {
  const { socket } = request
  return {
    method: request.method ?? 'GET',
    path: () => pathOf(request),
    header(name) {
      const value = request.headers[name]
      return Array.isArray(value) ? value.join(', ') : value
    },
    socketAddress: socket.remoteAddress,
    isEncrypted: 'encrypted' in socket && socket.encrypted === true,
    body,
    response: {
      isSent: () => response.headersSent,
      status: () => response.statusCode,
      get(name) {
        const value = response.getHeader(name)
        return Array.isArray(value) ? value.join(', ') : value?.toString()
      },
      set: (name, value) => response.setHeader(name, value),
      remove: name => response.removeHeader(name),
      cookies() {
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

/** Answers an error that no framework takes: a bare 500 and a warning for what is not ours. */
export function answerNode(
  error: unknown,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const answer = answerError(error, request.headers.accept)
  if (answer === null) process.emitWarning(error instanceof Error ? error : String(error))
  response.writeHead(answer?.status ?? 500, answer?.headers).end(answer?.body)
}
