import type { SessionData } from '../sessions/data.ts'
import type { Engine } from './engine.ts'
import type { Exchange } from './exchange.ts'
import { createFetchHead, type FetchHead } from './fetch-head.ts'
import { beginHandling, type OpenOptions } from './handle.ts'
import type { Connection } from './mount.ts'
import { answerError } from './problem.ts'
import { serveHandling } from './serve.ts'
import type { Session } from './session.ts'

/** Makes the response to a request. */
export type RequestHandler<Data extends object = SessionData> = (
  request: Request,
  session: Session<Data>,
) => Response | Promise<Response>

/** How requests of the Fetch standard are served. */
export interface FetchOptions extends OpenOptions {
  /**
   * Answers what the handler throws. By default what Cloakroom throws is answered, and everything
   * else thrown on.
   */
  readonly onError?: (error: unknown, request: Request) => Response | Promise<Response>
}

/** One request of the Fetch standard, and how it is served. */
export interface FetchService<Data extends object> {
  readonly request: Request
  readonly connection?: Connection | undefined
  readonly handler: RequestHandler<Data>
  readonly options?: FetchOptions | undefined
  readonly head?: FetchHead
}

/** Serves a request: the session is saved before its response is given away. */
export async function serveRequest<Data extends object>(
  engine: Engine<Data>,
  { request, connection, handler, options = {}, head = createFetchHead() }: FetchService<Data>,
): Promise<Response> {
  const { onError = errorResponse } = options
  const handling = beginHandling(engine, fetchExchange(request, head, connection))
  let made: Response | undefined
  try {
    const run = async (): Promise<Response> => {
      made = await handler(request, handling.session)
      return made
    }
    const response = await serveHandling(handling, options, run).catch(error => {
      giveUp(made, error)
      return onError(error, request)
    })
    return head.adopt(response)
  } finally {
    handling.complete()
  }
}

/** Tells whoever makes the body of a response that nobody will read it. */
export function giveUp(response: Response | undefined, reason: unknown): void {
  response?.body?.cancel(reason).catch(() => undefined)
}

/** The answer to what Cloakroom throws; anything else is thrown on. */
export function errorResponse(error: unknown, request: Pick<Request, 'headers'>): Response {
  const answer = answerError(error, request.headers.get('accept') ?? undefined)
  if (answer === null) throw error
  const { status, headers, body } = answer
  return new Response(body, { status, headers: { ...headers } })
}

/** An {@link Exchange} over a Request and the head of the Response that is to come. */
export function fetchExchange(
  request: Request,
  head: FetchHead,
  { address, isEncrypted }: Connection = {},
): Exchange {
  const { protocol, host, pathname } = new URL(request.url)
  return {
    method: request.method,
    path: () => pathname,
    // The header is not to be had from requests that were made and not received.
    header: name => request.headers.get(name) ?? (name === 'host' ? host : undefined),
    socketAddress: address,
    isEncrypted: isEncrypted ?? protocol === 'https:',
    body: () => readForm(request),
    response: head,
  }
}

const formType = /^(application\/x-www-form-urlencoded|multipart\/form-data)\b/i
const maxFormBytes = 1_048_576

/** The form in a body, which can still be read afterwards; undefined when it is none, or a large one. */
async function readForm(request: Request): Promise<FormData | undefined> {
  const { headers } = request
  const length = Number(headers.get('content-length') ?? Number.NaN)
  const isForm = formType.test(headers.get('content-type') ?? '')
  if (!isForm || request.bodyUsed || !(length <= maxFormBytes)) return undefined
  return request
    .clone()
    .formData()
    .catch(() => undefined)
}
