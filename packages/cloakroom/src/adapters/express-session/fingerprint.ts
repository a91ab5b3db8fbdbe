/**
 * A text that changes when the session's data changes; the cookie does not count.
 *
 * @throws {TypeError} when the data refers to itself.
 */
export function fingerprint(session: object): string {
  const { cookie: _cookie, ...data } = session as { cookie?: unknown }
  return JSON.stringify(data, describe)
}

/** JSON has no word for these, and would not see them change. */
function describe(_name: string, value: unknown): unknown {
  if (typeof value === 'bigint') return ['bigint', String(value)]
  return value instanceof Map || value instanceof Set ? [...value] : value
}
