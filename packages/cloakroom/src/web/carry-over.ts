/** Who had the data, and who gets it. */
export interface CarryOver {
  /** Owner of the session before, or null for a visitor. */
  readonly from: string | null
  /** Null for a visitor. */
  readonly to: string | null
  /** All keys, these keys, or none. */
  readonly carry: boolean | readonly string[]
}

/** What a new session takes over of the one before. Never anything of another user. */
export function carryOver<Data extends object>(data: Data, { from, to, carry }: CarryOver): Data {
  if (carry === true && (from === null || from === to)) return data
  if (carry === false || carry === true || (from !== null && from !== to)) return {} as Data
  const kept = Object.entries(data).filter(([key]) => carry.includes(key))
  return Object.fromEntries(kept) as Data
}
