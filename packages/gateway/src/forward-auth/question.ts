import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { readTarget, type TargetReading } from '../routing/target.ts'

/** How a proxy in front asks whether a request may pass. */
export type Asker = 'nginx' | 'forwarded' | 'envoy'

/** The request that a proxy asks about. */
export interface Question {
  readonly method: string
  readonly target: TargetReading
  /** As they were, with the host that the client asked for. */
  readonly headers: IncomingHttpHeaders
  readonly isUpgrade: boolean
}

/** Where a proxy says what it asks about. */
interface Dialect {
  readonly method: (request: IncomingMessage) => string | undefined
  readonly url: (request: IncomingMessage, base: string) => string | undefined
}

const dialects: Readonly<Record<Asker, Dialect>> = {
  // `auth_request` says nothing by itself: the configuration passes on what is needed.
  nginx: {
    method: ({ headers }) => textOf(headers['x-original-method']),
    url: ({ headers }) => textOf(headers['x-original-uri']),
  },
  // ForwardAuth of Traefik, forward_auth of Caddy.
  forwarded: {
    method: ({ headers }) => textOf(headers['x-forwarded-method']),
    url: ({ headers }) => textOf(headers['x-forwarded-uri']),
  },
  // ext_authz over HTTP asks by the request itself, below a path of ours.
  envoy: {
    method: ({ method }) => method,
    url: ({ url }, base) => url?.slice(base.length),
  },
}

/** Reads what a proxy asks; null when it does not say. */
export function readQuestion(
  asker: Asker,
  request: IncomingMessage,
  base: string,
): Question | null {
  const method = dialects[asker].method(request)
  const url = dialects[asker].url(request, base)
  if (method === undefined || url === undefined) return null
  const { headers } = request
  const host = textOf(headers['x-forwarded-host']) ?? headers.host
  const isUpgrade = textOf(headers['x-original-upgrade'] ?? headers.upgrade) === 'websocket'
  return {
    method,
    target: readTarget(url),
    headers: host === undefined ? headers : { ...headers, host },
    isUpgrade,
  }
}

/** Of a header that must come once. */
function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
