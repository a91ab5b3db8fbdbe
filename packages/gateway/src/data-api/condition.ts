/** On which condition something is written, as lockers take it. */
export interface Condition {
  readonly ifVersion?: string | null
}

/** Reads `If-Match` and `If-None-Match` (RFC 9110, section 13.1); null for what cannot be kept. */
export function readCondition(headers: Headers): Condition | null {
  const match = headers.get('if-match')
  const noneMatch = headers.get('if-none-match')
  if (match !== null && noneMatch !== null) return null
  if (noneMatch !== null) return noneMatch === '*' ? { ifVersion: null } : null
  if (match === null) return {}
  const [, version] = /^"([\w-]+)"$/.exec(match) ?? []
  return version === undefined ? null : { ifVersion: version }
}
