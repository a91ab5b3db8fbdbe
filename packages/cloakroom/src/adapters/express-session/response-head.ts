import type { ServerResponse } from 'node:http'

/** Makes a response look, to its handler, as if its headers had left. */
export interface Freeze {
  start(): void
  /** Makes it look as if it had ended, too. */
  noteEnd(): void
  /** Ends the pretence; whatever the handler set meanwhile is forgotten. */
  stop(): void
}

const changers = ['setHeader', 'setHeaders', 'appendHeader', 'removeHeader'] as const

/** Makes a {@link Freeze}. */
export function createFreeze(response: ServerResponse): Freeze {
  let undo: (() => void)[] = []

  function replace(name: string, replacement: PropertyDescriptor): void {
    const own = Object.getOwnPropertyDescriptor(response, name)
    undo.push(() => {
      if (own === undefined) Reflect.deleteProperty(response, name)
      else Object.defineProperty(response, name, own)
    })
    Object.defineProperty(response, name, { configurable: true, ...replacement })
  }

  return {
    start() {
      const { statusCode, statusMessage } = response
      undo.push(() => Object.assign(response, { statusCode, statusMessage }))
      replace('headersSent', { get: () => true })
      for (const name of changers) replace(name, { value: refuse, writable: true })
    },
    noteEnd() {
      replace('writableEnded', { get: () => true })
      replace('finished', { value: true, writable: true })
    },
    stop() {
      for (const step of undo.reverse()) step()
      undo = []
    },
  }
}

/** What Node throws when headers are changed too late. */
export function headersSent(): Error {
  const error = new Error('Cannot change headers after they are sent to the client')
  return Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' })
}

function refuse(): never {
  throw headersSent()
}

/**
 * Does what `writeHead` is asked for without sending anything, so that more headers can follow.
 *
 * False for a status that Node refuses; nothing is changed then.
 */
export function applyWriteHead(response: ServerResponse, args: readonly unknown[]): boolean {
  const [status] = args
  const code = Number(status)
  if (!(code >= 100 && code < 1000)) return false
  const reason = args.find(arg => typeof arg === 'string')
  const headers = args.find(arg => typeof arg === 'object' && arg !== null)
  if (Array.isArray(headers)) setRaw(response, headers)
  else for (const [name, value] of Object.entries(headers ?? {})) response.setHeader(name, value)
  response.statusCode = code
  if (reason !== undefined) response.statusMessage = reason
  return true
}

/** Names and values in turns, or in pairs; a name may come several times. */
function setRaw(response: ServerResponse, headers: readonly unknown[]): void {
  const list = headers.flat()
  const pairs: [string, string][] = []
  for (let at = 0; at + 1 < list.length; at += 2) {
    pairs.push([String(list[at]), String(list[at + 1])])
  }
  for (const [name] of pairs) response.removeHeader(name)
  for (const [name, value] of pairs) response.appendHeader(name, value)
}
