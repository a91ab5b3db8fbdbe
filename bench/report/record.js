// Where figures go: the last run is for whoever made it, the recorded one is part of the repository.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { drawChart } from '../harness/chart.js'
import { markdownTable } from '../harness/table.js'
import { chartsOf } from '../suites/curves.js'
import { suites } from '../suites/index.js'
import { describeTargets } from './targets.js'

const root = new URL('../../', import.meta.url)
const results = new URL('bench/results/', root)
const recordedFile = new URL('recorded.json', results)
const guide = new URL('docs/benchmarks.md', root)
const images = new URL('docs/images/', root)

/** The version that the guide shows. */
const mainLine = '24'

export function writeLatest(run) {
  mkdirSync(results, { recursive: true })
  writeFileSync(new URL('latest.json', results), toJson(run))
  drawCurves(run, results)
}

/** Puts what was measured in the place of what was recorded of the same kind, and keeps the rest. */
export function record(run) {
  const recorded = readRecorded()
  const nodes = { ...recorded?.nodes }
  for (const [line, measured] of Object.entries(run.nodes)) {
    nodes[line] = { ...nodes[line], ...measured }
  }
  writeFileSync(recordedFile, toJson({ ...run, nodes }))
  drawCurves(run, images)
  if (existsSync(guide)) writeTables(nodes)
}

export function readRecorded() {
  return existsSync(recordedFile) ? JSON.parse(readFileSync(recordedFile, 'utf8')) : null
}

function drawCurves({ nodes }, folder) {
  for (const { curves } of Object.values(nodes)) {
    if (curves === undefined) continue
    for (const [name, chart] of chartsOf(curves)) {
      writeFileSync(new URL(name, folder), drawChart(chart))
    }
  }
}

/** Tables in the guide stand between `<!-- http -->` and `<!-- end -->`, by the name of their suite. */
function writeTables(nodes) {
  const text = readFileSync(guide, 'utf8')
  const written = text.replace(
    /(<!-- (\w+) -->\n)[\s\S]*?(<!-- end -->)/g,
    (whole, head, name, tail) => {
      const table = tableOf(name, nodes)
      return table === '' ? whole : `${head}\n${table}\n\n${tail}`
    },
  )
  writeFileSync(guide, written)
}

function tableOf(name, nodes) {
  const measured = nodes[mainLine] ?? {}
  if (name === 'targets') return describeTargets(measured)
  if (name === 'nodes') return describeNodes(nodes)
  if (name === 'curves') return showCurves(measured.curves ?? [])
  return measured[name] === undefined ? '' : suites[name].describe(measured[name])
}

function showCurves(curves) {
  const charts = [...chartsOf(curves)]
  return charts.map(([name, { title }]) => `![${title}](images/${name})`).join('\n\n')
}

/** What is left of each server's floor, by version of Node.js. */
function describeNodes(nodes) {
  const lines = Object.keys(nodes).filter(line => nodes[line].http !== undefined)
  const names = nodes[mainLine]?.http?.filter(({ floor }) => floor !== null) ?? []
  if (names.length === 0) return ''
  const rows = names.map(({ name }) => [
    name,
    ...lines.map(line => {
      const result = nodes[line].http.find(other => other.name === name)
      return result === undefined
        ? '–'
        : `${result.rateRatio.toFixed(2)} (${result.cpuUs.toFixed(0)} µs)`
    }),
  ])
  return markdownTable(['server', ...lines.map(line => `Node.js ${line}`)], rows)
}

function toJson(value) {
  return `${JSON.stringify(value, (_key, item) => (typeof item === 'number' ? shorten(item) : item), 2)}\n`
}

/** Five digits say more than can be measured. */
function shorten(number) {
  return Number(number.toPrecision(5))
}
