/**
 * Adds a Set-Cookie line to those that an answer has already.
 *
 * Of the lines there, only one about the very same cookie is replaced: browsers tell cookies apart
 * by name, domain, path and partition. Lines stay apart, since a comma is no separator between
 * them (RFC 6265, section 3).
 */
export function appendSetCookie(
  existing: string | readonly string[] | undefined,
  line: string,
): string[] {
  const lines = typeof existing === 'string' ? [existing] : (existing ?? [])
  const added = identify(line)
  return [...lines.filter(each => identify(each) !== added), line]
}

/** A Set-Cookie line in its parts. */
export interface SetCookieParts {
  readonly name: string
  readonly value: string
  /** By name, in lower case; an empty text for those without a value. */
  readonly attributes: ReadonlyMap<string, string>
}

/** Takes a Set-Cookie line apart. */
export function readSetCookie(line: string): SetCookieParts {
  const [pair = '', ...attributes] = line.split(';')
  const [name, value] = splitPair(pair)
  const named = attributes.map(splitPair).map(([key, each]) => [key.toLowerCase(), each] as const)
  return { name, value, attributes: new Map(named) }
}

function identify(line: string): string {
  const { name, attributes } = readSetCookie(line)
  const domain = attributes.get('domain')?.replace(/^\./, '').toLowerCase()
  const path = attributes.get('path') ?? ''
  return JSON.stringify([name, domain ?? '', path, attributes.has('partitioned')])
}

function splitPair(text: string): [string, string] {
  const [name = '', ...value] = text.split('=')
  return [name.trim(), value.join('=').trim()]
}
