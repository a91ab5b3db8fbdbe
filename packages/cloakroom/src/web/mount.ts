import type { IncomingMessage, ServerResponse } from 'node:http'

// What is handed to frameworks, in types of our own: whoever uses one of them need not have the
// types of the others.

/** Middleware as Express and others that build on node:http take it. */
export type NodeMiddleware = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => void

/** Middleware as Koa and Hono take it. */
export type ContextMiddleware = (context: object, next: () => Promise<unknown>) => Promise<void>

/** A plugin as Fastify takes it. */
export type FastifyPlugin = (
  app: object,
  options: Record<never, never>,
  done: (error?: Error) => void,
) => void

/** A handler for `createServer` of node:http. */
export type NodeListener = (request: IncomingMessage, response: ServerResponse) => void

/** A handler of the Fetch standard, as runtimes and tests call it. */
export type FetchHandler = (request: Request, connection?: Connection) => Promise<Response>

/** What a Request does not tell about the connection it came over. */
export interface Connection {
  /** Address at its other end. */
  readonly address?: string | undefined
  /** Whether it is TLS. @default by the scheme of the request's URL */
  readonly isEncrypted?: boolean | undefined
}
