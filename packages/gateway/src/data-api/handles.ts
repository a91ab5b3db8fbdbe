import { createHmac, timingSafeEqual } from 'node:crypto'

/**
 * What an application is given to name a session by: the session's public handle and a code that only
 * the gateway can make. It opens the session's data and nothing else, and dies with the session.
 */
export interface SessionHandles {
  issue(sessionId: string): string
  /** The id of the session, or null for what was not issued for this application. */
  verify(handle: string): string | null
}

const shape = /^([\w-]{22})\.([\w-]{43})$/

/**
 * Makes {@link SessionHandles}.
 *
 * @param secrets newest first; all are accepted.
 * @param application by name: what one is given, no other can use.
 */
export function createSessionHandles(
  secrets: readonly string[],
  application: string,
): SessionHandles {
  const codeBy = (secret: string, id: string): string =>
    createHmac('sha256', secret)
      .update(`cloakroom data handle\n${application}\n${id}`)
      .digest('base64url')
  const [newest = ''] = secrets
  return {
    issue: id => `${id}.${codeBy(newest, id)}`,
    verify(handle) {
      const [, id = '', code = ''] = shape.exec(handle) ?? []
      const isOurs = secrets.some(secret => isEqual(codeBy(secret, id), code))
      return id !== '' && isOurs ? id : null
    },
  }
}

function isEqual(left: string, right: string): boolean {
  return left.length === right.length && timingSafeEqual(Buffer.from(left), Buffer.from(right))
}
