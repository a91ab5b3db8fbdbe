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

function identify(line: string): string {
  const [pair = '', ...attributes] = line.split(';')
  const name = pair.split('=', 1)[0]?.trim()
  const found = new Map(attributes.map(readAttribute))
  const domain = found.get('domain')?.replace(/^\./, '').toLowerCase()
  return JSON.stringify([name, domain ?? '', found.get('path') ?? '', found.has('partitioned')])
}

function readAttribute(text: string): [string, string] {
  const [name = '', ...value] = text.split('=')
  return [name.trim().toLowerCase(), value.join('=').trim()]
}
