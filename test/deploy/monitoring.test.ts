import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as client from 'prom-client'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { createCloakroom } from '../../packages/cloakroom/src/app/cloakroom.ts'
import { ecsClassifications } from '../../packages/cloakroom/src/events/ecs.ts'
import { createMetrics } from '../../packages/cloakroom/src/metrics/metrics.ts'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('../../deploy/', import.meta.url))
const rulesFile = `${folder}prometheus/cloakroom.rules.yml`
const testsFile = `${folder}prometheus/cloakroom.rules.test.yml`
const dashboardFile = `${folder}grafana/cloakroom.json`

/** Needs `promtool`, of the package `prometheus`. */
const promtool = async (...args: string[]): Promise<string> => (await run('promtool', args)).stdout

interface Rules {
  readonly groups: { readonly rules: { readonly alert: string; readonly expr: string }[] }[]
}

interface RuleTests {
  readonly tests: {
    readonly name: string
    readonly alert_rule_test: { readonly alertname: string; readonly exp_alerts: unknown[] }[]
  }[]
}

interface Panel {
  readonly id: number
  readonly title: string
  readonly gridPos: { x: number; y: number; w: number; h: number }
  readonly targets?: { readonly expr: string }[]
}

const rules = (parse(await readFile(rulesFile, 'utf8')) as Rules).groups.flatMap(
  group => group.rules,
)
const { tests } = parse(await readFile(testsFile, 'utf8')) as RuleTests
const { panels } = JSON.parse(await readFile(dashboardFile, 'utf8')) as { panels: Panel[] }
const queries = panels.flatMap(panel => (panel.targets ?? []).map(({ expr }) => expr))

/** The metrics that a Cloakroom with everything switched on has. */
async function readMetricNames(): Promise<ReadonlySet<string>> {
  const cloakroom = createCloakroom({ env: {}, audit: false, auditTrail: true, nearCache: true })
  const { register } = createMetrics(cloakroom, { client, register: new client.Registry() })
  const names = register.getMetricsAsArray().map(metric => metric.name)
  cloakroom.close()
  return new Set(names)
}

function namesIn(text: string): string[] {
  const found = text.match(/\bcloakroom_\w+/g) ?? []
  return found.map(name => name.replace(/_(bucket|count|sum)$/, ''))
}

describe('the alert rules', () => {
  it('are sound, and so is the configuration that loads them', async () => {
    expect(await promtool('check', 'rules', rulesFile)).toContain('SUCCESS')
    const config = `${folder}prometheus/prometheus.yml`
    expect(await promtool('check', 'config', config)).toContain('SUCCESS')
  })

  it('name metrics that exist', async () => {
    const known = await readMetricNames()
    const named = rules.flatMap(rule => namesIn(rule.expr))
    expect(named.length).toBeGreaterThan(20)
    expect(named.filter(name => !known.has(name))).toEqual([])
  })

  it('are each fired by a test, and silent on a quiet day', () => {
    for (const { alert } of rules) {
      const own = tests.find(({ name }) => name === alert)
      expect(own?.alert_rule_test).toEqual([
        expect.objectContaining({ alertname: alert, exp_alerts: [expect.anything()] }),
      ])
    }
    const quiet = tests.find(({ name }) => name === 'a quiet day')?.alert_rule_test ?? []
    expect(quiet.filter(each => each.exp_alerts.length > 0)).toEqual([])
    expect(quiet.map(each => each.alertname).sort()).toEqual(rules.map(rule => rule.alert).sort())
  })

  it('fire and are silent as their tests say', { timeout: 60_000 }, async () => {
    expect(await promtool('test', 'rules', testsFile)).toContain('SUCCESS')
  })
})

describe('docs/operations/monitoring.md', async () => {
  const guide = await readFile(
    fileURLToPath(new URL('../../docs/operations/monitoring.md', import.meta.url)),
    'utf8',
  )
  const rowsOf = (pattern: RegExp) => [...guide.matchAll(pattern)].map(([, name = '']) => name)

  it('lists every metric and every alert, and no other', async () => {
    const known = await readMetricNames()
    expect(rowsOf(/^\| `(cloakroom_\w+)` \|/gm).sort()).toEqual([...known].sort())
    const alerts = rules.map(rule => rule.alert)
    expect(rowsOf(/^\| `(Cloakroom\w+)` \|/gm)).toEqual(alerts)
  })

  it('places every kind of event as `toEcs` does', () => {
    const rows = Object.entries(ecsClassifications).map(
      ([name, { category, type, outcome = '', kind = '' }]) =>
        `| \`${name}\` | ${category} | ${type.join(', ')} | ${outcome} | ${kind} |`,
    )
    const plain = (text: string) => text.replace(/ +/g, ' ')
    expect(rows.filter(row => !plain(guide).includes(plain(row)))).toEqual([])
  })
})

describe('the dashboard', () => {
  it('names metrics that exist, and shows nearly all there are', async () => {
    const known = await readMetricNames()
    const named = new Set(queries.flatMap(namesIn))
    expect([...named].filter(name => !known.has(name))).toEqual([])
    expect([...known].filter(name => !named.has(name))).toEqual([])
  })

  it('asks in a language that Prometheus reads', async () => {
    const rulesOf = queries.map((query, at) => ({
      record: `panel:${at}`,
      expr: query.replaceAll('$job', '.*'),
    }))
    const file = join(await mkdtemp(join(tmpdir(), 'cloakroom-dashboard-')), 'rules.yml')
    await writeFile(file, JSON.stringify({ groups: [{ name: 'dashboard', rules: rulesOf }] }))
    const printed = await promtool('check', 'rules', file)
    await rm(dirname(file), { recursive: true })
    expect(printed).toContain(`SUCCESS: ${queries.length} rules found`)
  })

  it('lays its panels out beside each other, and not over each other', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, at) => `${x + (at % w)} ${y + Math.floor(at / w)}`),
    )
    expect(new Set(cells).size).toBe(cells.length)
    expect(new Set(panels.map(panel => panel.id)).size).toBe(panels.length)
  })
})
