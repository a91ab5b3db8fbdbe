/** What a request asks for, in the one form that is both judged and passed on. */
export interface Target {
  /** Path as it is passed on. */
  readonly path: string
  /** The query with its question mark, or nothing. */
  readonly search: string
  /** The path as every server reads it, for rules. */
  readonly decoded: string
}

/** A {@link Target}, or why there is none. */
export type TargetReading =
  | ({ readonly ok: true } & Target)
  | { readonly ok: false; readonly reason: string }

/** Traps, and the reasons they are refused for. Servers do not agree on what any of them means. */
const traps: readonly (readonly [RegExp, string])[] = [
  [/^(?!\/)/, 'no-path'],
  [/[^\x21-\x7e]/, 'character'],
  [/[\\#]/, 'character'],
  [/%(?![0-9a-f]{2})/i, 'encoding'],
  [/%(?:2f|5c)/i, 'encoded-slash'],
  [/%(?:[01][0-9a-f]|7f)/i, 'control-character'],
  [/%25[0-9a-f]{2}/i, 'double-encoding'],
  [/\/\//, 'empty-segment'],
]

/** A segment that is `.` or `..` to some server, whatever it drops at the end. */
const dotSegment = /^ *\.[. ]*(?:[;?#]|$)/

/**
 * Reads the target of a request line.
 *
 * Whatever two servers could read in two ways is refused, since the rules would judge one reading
 * and the app would serve another.
 */
export function readTarget(url: string): TargetReading {
  const mark = url.indexOf('?')
  const path = mark === -1 ? url : url.slice(0, mark)
  const search = mark === -1 ? '' : url.slice(mark)
  const trap = traps.find(([pattern]) => pattern.test(path))
  if (trap !== undefined) return { ok: false, reason: trap[1] }
  if (/[^\x21-\x7e]|#/.test(search)) return { ok: false, reason: 'character' }
  const decoded = decode(path)
  if (decoded === null) return { ok: false, reason: 'encoding' }
  const hasDots = decoded.split('/').some(segment => dotSegment.test(segment))
  return hasDots ? { ok: false, reason: 'dot-segment' } : { ok: true, path, search, decoded }
}

/** Null for bytes that are no UTF-8: what is spelt in a way too long is one of them. */
function decode(path: string): string | null {
  try {
    return decodeURIComponent(path)
  } catch {
    return null
  }
}
