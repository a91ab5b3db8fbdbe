import type { Codec } from './codec.ts'

/**
 * Fields of your sessions. Declare yours once, and they are typed on every framework:
 *
 * ```ts
 * declare module 'cloakroom' {
 *   interface SessionData { cart?: string[] }
 * }
 * ```
 */
// biome-ignore lint/suspicious/noEmptyInterface: it is there to be extended by the application.
export interface SessionData {}

/** What changed between two states of the data, key by key. */
export interface DataChanges {
  readonly set: ReadonlyMap<string, unknown>
  readonly removed: readonly string[]
}

/** Compares two states of the data; null when they are the same. */
export function findChanges(before: object, after: object, codec: Codec): DataChanges | null {
  const old = new Map(Object.entries(before))
  const set = new Map<string, unknown>()
  for (const [key, value] of Object.entries(after)) {
    if (!old.has(key) || !codec.isSame(old.get(key), value)) set.set(key, value)
    old.delete(key)
  }
  return set.size === 0 && old.size === 0 ? null : { set, removed: [...old.keys()] }
}

/** Puts changes on top of another state; the state given is left as it is. */
export function applyChanges<Data extends object>(data: Data, changes: DataChanges): Data {
  const merged = new Map(Object.entries(data))
  for (const key of changes.removed) merged.delete(key)
  for (const [key, value] of changes.set) merged.set(key, value)
  return Object.fromEntries(merged) as Data
}
