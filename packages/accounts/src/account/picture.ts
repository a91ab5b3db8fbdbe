import { encode } from 'uqr'

/** A QR code as one path of an SVG: a square for each dark field, with the light border it must have. */
export function drawCode(text: string): { readonly size: number; readonly path: string } {
  const { data, size } = encode(text, { border: 4 })
  const squares = data.flatMap((row, y) =>
    row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')),
  )
  return { size, path: squares.join('') }
}
