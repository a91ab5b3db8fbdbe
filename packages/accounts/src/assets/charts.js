// Draws the overview, and keeps its numbers and charts up to date while somebody looks.

const place = document.querySelector('[data-activity]')
const language = document.documentElement.lang
const number = new Intl.NumberFormat(language)
const clock = new Intl.DateTimeFormat(language, {
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
})
const dark = matchMedia('(prefers-color-scheme: dark)')
const height = 190
let activity = JSON.parse(place.querySelector('[type="application/json"]').textContent)
let charts = []

const colorOf = name => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
const hueOf = { sessions: '--accent', signIns: '--accent', failures: '--bad', limits: '--bad' }

function dataOf(names) {
  const { minutes } = activity
  return [minutes.map(({ at }) => at / 1000), ...names.map(name => minutes.map(row => row[name]))]
}

function seriesOf(name, isFilled) {
  const stroke = colorOf(hueOf[name])
  const bars = uPlot.paths.bars({ size: [0.7, 14], radius: 0.2 })
  if (name === 'sessions') return { stroke, width: 2, fill: `${stroke}22`, points: { show: false } }
  return isFilled
    ? { stroke, width: 0, fill: `${stroke}cc`, paths: bars, points: { show: false } }
    : { stroke, width: 2, points: { show: false } }
}

function draw(box) {
  const names = box.dataset.series.split(' ')
  const legend = box.parentElement.querySelector('.legend')
  const axis = { stroke: colorOf('--soft'), font: '12px system-ui, sans-serif' }
  const grid = { stroke: colorOf('--line'), width: 1 }
  const options = {
    width: box.clientWidth,
    height,
    legend: { show: false },
    padding: [8, 22, 0, 0],
    cursor: { y: false, points: { size: 7 }, drag: { setScale: false } },
    scales: {
      y: { range: (_chart, _low, high) => [0, Math.max(4, Math.ceil((high ?? 0) * 1.1))] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        ticks: { show: false },
        size: 28,
        space: 60,
        values: times,
      },
      { ...axis, grid, ticks: { show: false }, size: 46, space: 44, incrs: whole, values: counts },
    ],
    series: [
      {},
      ...names.map((name, index) => seriesOf(name, names.length > 1 ? index > 0 : true)),
    ],
    hooks: { setCursor: [chart => tell(chart.cursor.idx)] },
  }
  box.replaceChildren()
  const chart = new uPlot(options, dataOf(names), box)
  tell(null)

  /** The minute under the pointer, or the sum of the hour; for what there is at a time, the latest. */
  function tell(index) {
    for (const [place, name] of names.entries()) {
      const values = chart.data[place + 1]
      const sum = name === 'sessions' ? values.at(-1) : values.reduce((a, b) => a + b, 0)
      const value = index == null ? sum : values[index]
      const text = legend.querySelector(`.series-${name} b`)
      text.textContent = value == null ? '–' : number.format(value)
    }
    legend.querySelector('.at').textContent =
      index == null ? '' : clock.format(chart.data[0][index] * 1000)
  }
  return { box, names, chart, tell }
}

const whole = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 5e4, 1e5, 5e5, 1e6]
const times = (_chart, splits) => splits.map(at => clock.format(at * 1000))
const counts = (_chart, splits) => splits.map(value => number.format(value))

function drawAll() {
  for (const { chart } of charts) chart.destroy()
  charts = [...place.querySelectorAll('.chart')].map(draw)
}

function showNumbers() {
  const { sessions, totals } = activity
  const values = { ...totals, sessions: sessions ?? activity.soFar }
  for (const tile of place.querySelectorAll('[data-number]')) {
    const value = values[tile.dataset.number]
    tile.textContent = value == null ? '–' : number.format(value)
  }
}

async function refresh() {
  if (document.visibilityState !== 'visible') return
  const answer = await fetch(place.dataset.activity).catch(() => null)
  document.querySelector('.live').classList.toggle('off', answer?.ok !== true)
  if (answer?.status === 401 || answer?.status === 403) return location.reload()
  if (answer?.ok !== true) return
  activity = await answer.json()
  showNumbers()
  for (const { chart, names, tell } of charts) {
    chart.setData(dataOf(names))
    if (chart.cursor.idx == null) tell(null)
  }
}

drawAll()
document.querySelector('.live').hidden = false
dark.addEventListener('change', drawAll)
new ResizeObserver(() => {
  for (const { chart, box } of charts) chart.setSize({ width: box.clientWidth, height })
}).observe(place)

// A count that is under way goes on with each question.
async function goOn() {
  await refresh()
  setTimeout(goOn, activity.soFar === null ? 3000 : 1000)
}
setTimeout(goOn, 3000)
