/** What servers of some kind make of a path, once it is decoded. */
const habits: readonly ((path: string) => string)[] = [
  path => path.normalize('NFKC'),
  // A second parser may find a query or fragment in what the first one decoded.
  path => path.replace(/[?#].*$/s, ''),
  // Parameters of segments are none of the path to servers of Java.
  path => path.replace(/;[^/]*/g, ''),
  // Windows drops dots and spaces at the end of a name.
  path => path.replace(/[. ]+(?=\/|$)/g, ''),
  // And what is left of a segment may be nothing.
  path => path.replace(/\/{2,}/g, '/'),
]

/** Nothing in it means anything but itself. */
const plain = /^[\w/-]*$/

/**
 * The paths that servers may take a path for: usually one. None of these ways to write an address is
 * wrong in itself, so that it cannot be refused; what it asks for must be allowed in every reading.
 */
export function readingsOf(path: string): readonly string[] {
  if (plain.test(path) && !path.includes('//')) return [path]
  const found = new Set([path])
  for (const read of habits) for (const each of [...found]) found.add(read(each))
  return [...found]
}
