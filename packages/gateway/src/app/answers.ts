import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { isNavigation } from '../routing/navigation.ts'

/** What keeps a request from being passed on. */
export interface Problem {
  readonly status: number
  readonly code: string
  /** A sentence for whoever waits for the answer. */
  readonly message: string
  readonly headers?: Readonly<Record<string, string>>
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  421: 'Misdirected Request',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  508: 'Loop Detected',
}

/** Answers with a problem: a page to a browser that loads one, and JSON (RFC 9457) to all others. */
export function answerProblem(
  request: IncomingMessage,
  response: ServerResponse,
  problem: Problem,
): void {
  const isPage = isNavigation(request.method ?? 'GET', request.headers)
  const body = isPage ? pageOf(problem) : JSON.stringify(jsonOf(problem))
  const type = isPage ? 'text/html; charset=utf-8' : 'application/problem+json'
  response.writeHead(problem.status, { ...plainHeaders, ...problem.headers, 'content-type': type })
  response.end(body)
}

/** Answers an upgrade with a problem, and ends the connection. */
export function answerUpgrade(socket: Duplex, problem: Problem): void {
  const body = JSON.stringify(jsonOf(problem))
  const headers = {
    ...plainHeaders,
    ...problem.headers,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  const title = titles[problem.status] ?? 'Error'
  socket.end(`HTTP/1.1 ${problem.status} ${title}\r\n${lines.join('')}\r\n${body}`)
}

const plainHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
  'x-content-type-options': 'nosniff',
}

function jsonOf({ status, code, message }: Problem): object {
  // `detail` by the RFC; `message` is what the pages of several apps show.
  return { type: 'about:blank', title: titles[status], status, detail: message, code, message }
}

function pageOf({ status, message, headers }: Problem): string {
  const title = titles[status] ?? 'Error'
  const again = headers?.['retry-after']
  const refresh = again === undefined ? '' : `<meta http-equiv="refresh" content="${again}">`
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${title}</title>${refresh}
<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light dark">
<body style="font:1rem/1.5 system-ui;max-width:34rem;margin:15vh auto;padding:0 1rem">
<h1>${title}</h1><p>${escapeHtml(message)}</p>`
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
