import type { SessionData } from './session.ts'
/**
 * Takes what a store returned for a session, or null when it has not the shape of one.
 *
 * Something else may have written it, or it was cut short. The user behind it is then a visitor; an
 * error would be their lot at every request until somebody removes the record.
 */
export function readStoredSession(value: unknown): SessionData | null {
  if (!hasCookie(value)) return null
  const { expires, originalMaxAge } = value.cookie
  const hasLifetime = originalMaxAge == null || Number.isFinite(originalMaxAge)
  return hasLifetime && isInstant(expires) ? (value as object as SessionData) : null
}

/** {@link readStoredSession} of JSON. */
export function parseStoredSession(text: string): SessionData | null {
  try {
    return readStoredSession(JSON.parse(text))
  } catch {
    return null
  }
}

function hasCookie(value: unknown): value is { cookie: Record<string, unknown> } {
  return isObject(value) && isObject(value['cookie'])
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isInstant(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true
  if (typeof value !== 'string' && !(value instanceof Date)) return false
  return Number.isFinite(new Date(value).getTime())
}
