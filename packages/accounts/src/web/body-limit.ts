import type { MiddlewareHandler } from 'hono'

/**
 * Refuses bodies that are too large, before anything else looks at them.
 *
 * The middleware of Hono makes a new Request of the one it was given, and those of Hono's own server
 * for Node are none that this can be done with.
 */
export function limitBody(maxBytes: number, refuse: () => Response): MiddlewareHandler {
  return async ({ req }, next) => {
    const { url, method, headers, body } = req.raw
    const length = headers.get('content-length')
    const isAnnounced = length !== null && !headers.has('transfer-encoding')
    if (isAnnounced && !(Number(length) <= maxBytes)) return refuse()
    if (isAnnounced || body === null) return next()
    const bytes = await readUpTo(body, maxBytes)
    if (bytes === null) return refuse()
    req.raw = new Request(url, { method, headers, ...(bytes.length > 0 && { body: bytes }) })
    return next()
  }
}

/** All there is, or null when it is too much. */
async function readUpTo(
  body: ReadableStream<Uint8Array>,
  maxBytes: number,
): Promise<Buffer | null> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    size += part.length
    if (size > maxBytes) return null
    parts.push(part)
  }
  return Buffer.concat(parts)
}
