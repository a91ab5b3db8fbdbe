// Line charts as SVG: several panels side by side over the same logarithmic axis.

const panelWidth = 320
const height = 250
const margin = { left: 58, right: 16, top: 56, bottom: 46 }
const colours = ['#2563eb', '#d97706', '#059669', '#7c3aed']

/**
 * @param {{ title: string, xLabel: string, panels: { title: string, series:
 *   { name: string, points: [number, number][] }[] }[] }} chart
 */
export function drawChart({ title, xLabel, panels }) {
  const width = panels.length * panelWidth
  const drawn = panels.map(
    (panel, index) =>
      `<g transform="translate(${index * panelWidth} 24)">${drawPanel(panel, xLabel)}</g>`,
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height + 24}" width="${width}" height="${height + 24}" font-family="system-ui, sans-serif" font-size="11" role="img" aria-label="${escapeXml(title)}">`,
    `<rect width="100%" height="100%" fill="#fff"/>`,
    `<text x="12" y="20" font-size="14" font-weight="600" fill="#111">${escapeXml(title)}</text>`,
    ...drawn,
    '</svg>\n',
  ].join('\n')
}

function drawPanel({ title, series }, xLabel) {
  const xs = [...new Set(series.flatMap(({ points }) => points.map(([x]) => x)))].toSorted(
    (left, right) => left - right,
  )
  const largest = Math.max(...series.flatMap(({ points }) => points.map(([, y]) => y)))
  const top = roundUp(largest)
  const across = panelWidth - margin.left - margin.right
  const down = height - margin.top - margin.bottom
  const first = Math.log(xs[0])
  const span = Math.log(xs.at(-1)) - first || 1
  const xOf = x => margin.left + ((Math.log(x) - first) / span) * across
  const yOf = y => margin.top + (1 - y / top) * down
  const bottom = margin.top + down

  const rules = [0, 0.25, 0.5, 0.75, 1].map(part => {
    const y = yOf(part * top)
    return `<path d="M${margin.left} ${round(y)}h${across}" stroke="#e5e7eb"/><text x="${margin.left - 6}" y="${round(y + 4)}" text-anchor="end" fill="#555">${shorten(part * top)}</text>`
  })
  const ticks = xs.map(
    x =>
      `<text x="${round(xOf(x))}" y="${bottom + 16}" text-anchor="middle" fill="#555">${shorten(x)}</text>`,
  )
  const lines = series.map(({ points }, index) => {
    const colour = colours[index % colours.length]
    const places = points.map(([x, y]) => `${round(xOf(x))} ${round(yOf(y))}`)
    const dots = points.map(
      ([x, y]) => `<circle cx="${round(xOf(x))}" cy="${round(yOf(y))}" r="3" fill="${colour}"/>`,
    )
    return `<path d="M${places.join('L')}" fill="none" stroke="${colour}" stroke-width="2"/>${dots.join('')}`
  })
  const names = series.map(
    ({ name }, index) =>
      `<tspan fill="${colours[index % colours.length]}" ${index === 0 ? '' : 'dx="10"'}>${escapeXml(name)}</tspan>`,
  )
  return [
    `<text x="${margin.left}" y="20" font-weight="600" fill="#333">${escapeXml(title)}</text>`,
    `<text x="${margin.left}" y="38">${names.join('')}</text>`,
    ...rules,
    ...ticks,
    ...lines,
    `<text x="${margin.left + across / 2}" y="${bottom + 34}" text-anchor="middle" fill="#555">${escapeXml(xLabel)}</text>`,
  ].join('')
}

/** The next of 1, 2, 4, 5, 8 times a power of ten. */
function roundUp(value) {
  const power = 10 ** Math.floor(Math.log10(value || 1))
  return ([1, 2, 4, 5, 8, 10].find(step => step * power >= value) ?? 10) * power || 1
}

function shorten(value) {
  if (value >= 1e6) return `${Number((value / 1e6).toFixed(2))} M`
  if (value >= 1000) return `${Number((value / 1000).toFixed(1))} k`
  return String(Number(value.toPrecision(2)))
}

function round(value) {
  return Math.round(value * 10) / 10
}

function escapeXml(text) {
  return text.replace(/[&<>"]/g, sign => `&#${sign.charCodeAt(0)};`)
}
