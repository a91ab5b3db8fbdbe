import type { Engine } from '../web/engine.ts'
import { type FetchOptions, type RequestHandler, serveRequest } from '../web/fetch.ts'
import type { FetchHandler } from '../web/mount.ts'

/** Wraps a handler from Request to Response. */
export function fetchHandler<Data extends object>(
  engine: Engine<Data>,
  handler: RequestHandler<Data>,
  options?: FetchOptions,
): FetchHandler {
  return (request, connection) => serveRequest(engine, { request, connection, handler, options })
}
