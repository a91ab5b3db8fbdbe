/** Whether paths fit a pattern. */
export interface Glob {
  /** With upper and lower case alike. */
  fits(path: string): boolean
  /** To the letter. */
  fitsExactly(path: string): boolean
}

/**
 * Makes a {@link Glob}: `*` stands for anything within a segment, `**` for anything, and `/**` at the
 * end for the folder itself as well.
 */
export function createGlob(pattern: string): Glob {
  const folder = /^(.*)\/\*\*$/s.exec(pattern)?.[1]
  const source =
    folder === undefined
      ? toSource(pattern)
      : `${toSource(folder)}${folder === '' ? '/.*' : '(?:/.*)?'}`
  const exact = new RegExp(`^${source}$`, 's')
  const loose = new RegExp(`^${source}$`, 'is')
  return { fits: path => loose.test(path), fitsExactly: path => exact.test(path) }
}

function toSource(pattern: string): string {
  return pattern
    .split(/(\*\*|\*)/)
    .map(part => {
      if (part === '**') return '.*'
      return part === '*' ? '[^/]*' : part.replace(/[.+?^${}()|[\]\\]/g, '\\$&')
    })
    .join('')
}
