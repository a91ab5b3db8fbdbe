import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import type { Duplex, Transform } from 'node:stream'

/** Where a request goes, and as what. */
export interface Passage {
  readonly upstream: URL
  /** Path and query, as the app is asked for them. */
  readonly path: string
  /** All that the app is told: nothing is added, but what HTTP needs. */
  readonly headers: IncomingHttpHeaders
}

/** How a request is passed on. */
export interface RequestPassage extends Passage {
  /** Until the app begins to answer, once the request was sent in full. */
  readonly responseMs: number
  /** Without a byte of the request's body. */
  readonly uploadMs: number
  /** May change the head of the answer before it leaves. */
  readonly onHead?: (head: AnswerHead) => void
  /** Makes what the answer's body is sent through, once its head is known; null for nothing. */
  readonly rewrite?: ((head: AnswerHead) => Transform | null) | undefined
}

/** The head of an app's answer. */
export interface AnswerHead {
  readonly status: number
  /** May be changed. */
  readonly headers: IncomingHttpHeaders
}

/** How an upgrade is passed on. */
export interface UpgradePassage extends Passage {
  /** Until the app agrees. */
  readonly handshakeMs: number
  /** Told of the connection as soon as both sides agree, before a byte of it passes. */
  readonly onOpen?: (connection: TunnelConnection) => void
}

/** A connection through the tunnel, both ways. */
export interface TunnelConnection {
  /** What the app agreed to. */
  readonly headers: IncomingHttpHeaders
  /** Has each chunk from the client looked at on its way. */
  onClientBytes(listener: (chunk: Buffer) => void): void
  /** Has each chunk from the app looked at on its way. */
  onAppBytes(listener: (chunk: Buffer) => void): void
  onClosed(listener: () => void): void
  /** Cuts the app off at once, and the client too unless there is something to be told to it. */
  close(lastBytes?: Uint8Array): void
  readonly isClosed: boolean
}

/**
 * What became of something that was passed on. An app is `unreachable` when there is no connection to
 * it, and has `broken` off when there was one and no answer.
 */
export type TunnelOutcome = 'done' | 'unreachable' | 'broken' | 'timeout' | 'aborted'

/** Passes requests and connections on to apps, as they are. */
export interface Tunnel {
  /**
   * Passes a request on, and its answer back. Unless the outcome is `done` or `aborted`, nothing was
   * answered, and the response is free for an answer of one's own.
   */
  forward(
    request: IncomingMessage,
    response: ServerResponse,
    passage: RequestPassage,
  ): Promise<TunnelOutcome>
  /**
   * Passes an upgrade on, and all that follows, untouched. The outcome comes when it is known whether
   * the app agrees; an answer that is none is passed back as it is, and counts as `done`.
   */
  connect(
    request: IncomingMessage,
    socket: Duplex,
    passage: UpgradePassage & { readonly head: Buffer },
  ): Promise<TunnelOutcome>
  /** Closes connections that wait to be used again. */
  close(): void
}
