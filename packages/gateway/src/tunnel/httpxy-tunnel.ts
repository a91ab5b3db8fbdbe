import {
  type ClientRequest,
  Agent as HttpAgent,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import type { Socket } from 'node:net'
import { type Duplex, pipeline, type Transform } from 'node:stream'
import { createProxyServer } from 'httpxy'
import { openConnection } from './connection.ts'
import type { RequestPassage, Tunnel, TunnelOutcome, UpgradePassage } from './tunnel.ts'

/** A connection is used again this long: less than any app waits before it closes one. */
const idleMs = 3500

/** One request on its way. */
interface Passing {
  readonly onRequest: (outgoing: ClientRequest) => void
  readonly onAnswer: (answer: IncomingMessage) => void
}

/**
 * Where a request carries what watches over it. From a map, or a WeakMap, whole requests would be
 * carried over into what is seldom collected, which costs more than all else the gateway does for them.
 */
const passing = Symbol('passing')

function passingOf(request: IncomingMessage & { [passing]?: Passing }): Passing | undefined {
  return request[passing]
}

/** Makes a {@link Tunnel} of httpxy. */
export function createTunnel(): Tunnel {
  const agents = [
    new HttpAgent({ keepAlive: true, timeout: idleMs }),
    new HttpsAgent({ keepAlive: true, timeout: idleMs }),
  ] as const
  const proxy = createProxyServer({ xfwd: false })
  const opening = new WeakMap<IncomingMessage, (outgoing: ClientRequest) => void>()
  proxy.on('proxyReq', (outgoing, request) => passingOf(request)?.onRequest(outgoing))
  proxy.on('proxyRes', (answer, request) => passingOf(request)?.onAnswer(answer))
  proxy.on('proxyReqWs', (outgoing, request) => opening.get(request)?.(outgoing))

  async function forward(
    request: IncomingMessage,
    response: ServerResponse,
    passage: RequestPassage,
  ): Promise<TunnelOutcome> {
    const { upstream: target } = passage
    const agent = agents[target.protocol === 'https:' ? 1 : 0]
    const hasBody = carriesBody(request)
    prepare(request, passage)
    const watch = watchRequest(request, response, { passage, hasBody })
    Object.assign(request, { [passing]: watch })
    const selfHandleResponse = passage.rewrite !== undefined
    for (let attempt = 1; ; attempt += 1) {
      try {
        await proxy.web(request, response, { target, agent, selfHandleResponse })
        return 'done'
      } catch (error) {
        if (attempt === 1 && !hasBody && watch.mayTryAgain(error)) continue
        return watch.outcome()
      } finally {
        watch.stop()
      }
    }
  }

  async function connect(
    request: IncomingMessage,
    socket: Duplex,
    { head, ...passage }: UpgradePassage & { readonly head: Buffer },
  ): Promise<TunnelOutcome> {
    prepare(request, passage, { connection: 'Upgrade', upgrade: 'websocket' })
    const { promise, resolve } = withResolvers<TunnelOutcome>()
    opening.set(request, outgoing => watchUpgrade(outgoing, socket, { passage, settle: resolve }))
    // It answers when the connection ends, and fails when that is by an error.
    proxy.ws(request, socket as Socket, { target: passage.upstream }, head).then(
      () => resolve('aborted'),
      () => resolve('unreachable'),
    )
    return promise
  }

  return {
    forward,
    connect,
    close() {
      for (const agent of agents) agent.destroy()
    },
  }
}

/** Has the request say what is passed on, and nothing else. */
function prepare(
  request: IncomingMessage,
  { path, headers }: Pick<RequestPassage, 'path' | 'headers'>,
  added: IncomingHttpHeaders = {},
): void {
  request.url = path
  request.headers = { ...headers, ...added }
}

function carriesBody({ headers }: IncomingMessage): boolean {
  const { 'content-length': length, 'transfer-encoding': encoding } = headers
  return encoding !== undefined || (length !== undefined && length !== '0')
}

/** Sends an answer on by way of something that changes it. */
function sendThrough(
  answer: IncomingMessage,
  response: ServerResponse,
  transform: Transform | null,
): void {
  response.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.headers)
  const failed = (): unknown => response.destroy()
  if (transform === null) pipeline(answer, response, error => error && failed())
  else pipeline(answer, transform, response, error => error && failed())
}

interface WatchedRequest extends Passing {
  /** Whether the app closed a connection just when it was to be used again. */
  mayTryAgain(error: unknown): boolean
  outcome(): TunnelOutcome
  /** Waits for nothing any more: whoever asked may have left before the app answered. */
  stop(): void
}

const idempotent = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE'])

function watchRequest(
  request: IncomingMessage,
  response: ServerResponse,
  { passage, hasBody }: { passage: RequestPassage; hasBody: boolean },
): WatchedRequest {
  let current: ClientRequest | undefined
  let timer: NodeJS.Timeout | undefined
  let isLate = false
  let isConnected = false

  function expire(): void {
    isLate = true
    current?.destroy()
  }

  function awaitAnswer(): void {
    if (hasBody) request.setTimeout(0)
    timer = setTimeout(expire, passage.responseMs)
  }

  return {
    onRequest(outgoing) {
      current = outgoing
      isConnected = false
      noteConnection(outgoing, () => {
        isConnected = true
      })
      if (!hasBody) return awaitAnswer()
      request.setTimeout(passage.uploadMs, expire)
      request.once('end', awaitAnswer)
    },
    onAnswer(answer) {
      clearTimeout(timer)
      request.off('end', awaitAnswer)
      const { headers } = answer
      for (const name of ['keep-alive', 'proxy-connection']) delete headers[name]
      headers.connection = response.shouldKeepAlive ? 'keep-alive' : 'close'
      const head = { status: answer.statusCode ?? 502, headers }
      passage.onHead?.(head)
      if (passage.rewrite !== undefined) sendThrough(answer, response, passage.rewrite(head))
    },
    stop() {
      clearTimeout(timer)
      request.off('end', awaitAnswer)
    },
    mayTryAgain(error) {
      const isReset = error instanceof Error && 'code' in error && error.code === 'ECONNRESET'
      const isReused = current?.reusedSocket === true
      const isFree = !isLate && !response.headersSent && !response.destroyed
      return isReset && isReused && isFree && idempotent.has(request.method ?? '')
    },
    outcome() {
      if (response.headersSent || response.destroyed) return 'aborted'
      if (isLate) return 'timeout'
      return isConnected ? 'broken' : 'unreachable'
    },
  }
}

/** Calls back when a request has a connection to be sent over: one that was there, or a new one. */
function noteConnection({ socket }: ClientRequest, listener: () => void): void {
  if (socket?.connecting === false) listener()
  else socket?.once('connect', listener)
}

const refusals = {
  unreachable: '502 Bad Gateway',
  broken: '502 Bad Gateway',
  timeout: '504 Gateway Timeout',
}

function watchUpgrade(
  outgoing: ClientRequest,
  socket: Duplex,
  { passage, settle }: { passage: UpgradePassage; settle: (outcome: TunnelOutcome) => void },
): void {
  const fail = (outcome: keyof typeof refusals): void => {
    if (isSettled) return
    const isGone = socket.destroyed
    // Here and now: once httpxy has seen the error, it ends the socket.
    if (!isGone)
      socket.end(`HTTP/1.1 ${refusals[outcome]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
    finish(isGone ? 'aborted' : outcome)
    outgoing.destroy()
  }
  let isSettled = false
  let isConnected = false
  const leave = (): unknown => outgoing.destroy()
  const timer = setTimeout(() => fail('timeout'), passage.handshakeMs)
  function finish(outcome: TunnelOutcome): void {
    isSettled = true
    clearTimeout(timer)
    socket.off('close', leave)
    socket.off('end', leave)
    settle(outcome)
  }

  socket.once('close', leave)
  socket.once('end', leave)
  outgoing.once('socket', () =>
    noteConnection(outgoing, () => {
      isConnected = true
    }),
  )
  outgoing.once('error', () => fail(isConnected ? 'broken' : 'unreachable'))
  outgoing.once('response', () => finish('done'))
  outgoing.once('upgrade', (answer, appSocket) => {
    finish('done')
    passage.onOpen?.(openConnection({ socket, appSocket, headers: answer.headers }))
  })
}

/** As Promise.withResolvers, which Node.js 20 lacks. */
function withResolvers<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined
  const promise = new Promise<Value>(done => {
    resolve = done
  })
  return { promise, resolve }
}
