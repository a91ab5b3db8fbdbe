import type { IncomingMessage, ServerResponse } from 'node:http'
import { runHandling } from '../web/context.ts'
import type { Engine } from '../web/engine.ts'
import type { OpenOptions } from '../web/handle.ts'
import type { NodeListener } from '../web/mount.ts'
import { answerNode, beginNodeHandling } from '../web/node.ts'
import type { Session } from '../web/session.ts'

/** Answers a request of node:http. */
export type NodeHandler<Data extends object> = (
  request: IncomingMessage,
  response: ServerResponse,
  session: Session<Data>,
) => unknown

/** How requests of node:http are served. */
export interface NodeOptions extends OpenOptions {
  /**
   * Answers what the handler throws. By default what Cloakroom throws is answered, and everything
   * else with a bare 500 and a warning of the process.
   */
  readonly onError?: (error: unknown, request: IncomingMessage, response: ServerResponse) => void
}

/** Wraps a handler for `createServer`. */
export function nodeListener<Data extends object>(
  engine: Engine<Data>,
  handler: NodeHandler<Data>,
  options: NodeOptions = {},
): NodeListener {
  const { onError = answerNode } = options
  return (request, response) => {
    const fail = (error: unknown): void => {
      if (response.headersSent) response.destroy(error as Error)
      else onError(error, request, response)
    }
    const handling = beginNodeHandling(engine, { request, response, onError: fail })
    const run = async (): Promise<void> => {
      const opening = handling.open(options)
      if (opening !== null) await opening
      await handler(request, response, handling.session)
    }
    runHandling(handling, run).catch(fail)
  }
}
