import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'

const root = new URL('../', import.meta.url)
const pathOf = (name: string): string => fileURLToPath(new URL(name, root))

interface Round {
  readonly rate: number
  readonly cpuUs: number
  readonly redisUs: number
  readonly p50: number
  readonly foreign: number
}

/** The benchmark is plain JavaScript, run by every supported Node.js as it is. */
const { summarizeRounds, runRounds } = (await import(pathOf('bench/harness/rounds.js'))) as {
  summarizeRounds: (rounds: readonly Round[], floor?: readonly Round[]) => Record<string, number>
  runRounds: (
    contenders: readonly { name: string; round: () => Promise<object> }[],
    settings: object,
  ) => Promise<Map<string, readonly { count: number; foreign: number }[]>>
}
const { drawChart } = (await import(pathOf('bench/harness/chart.js'))) as {
  drawChart: (chart: object) => string
}

function roundOf(rate: number, cpuUs: number): Round {
  return { rate, cpuUs, redisUs: 1, p50: 1, foreign: 0 }
}

describe('summarizeRounds', () => {
  it('compares rounds that were next to each other, and takes the median', () => {
    const own = [roundOf(50, 20), roundOf(10, 90), roundOf(90, 21)]
    const floor = [roundOf(100, 10), roundOf(20, 40), roundOf(100, 11)]
    expect(summarizeRounds(own, floor)['rateRatio']).toBe(0.5)
  })

  it('takes the lowest processor time of each', () => {
    const own = [roundOf(50, 20), roundOf(10, 90)]
    const floor = [roundOf(100, 40), roundOf(20, 10)]
    expect(summarizeRounds(own, floor)['cpuRatio']).toBe(0.5)
  })
})

describe('runRounds', () => {
  const settings = { rounds: 1, seconds: 1, warmUpSeconds: 1, isPatient: true, load: {} }

  it('runs a round again that was disturbed, and keeps the calmest', async () => {
    const foreign = [0, 0.9, 0.5, 0.7]
    const round = async (): Promise<object> => ({ count: 10_000, foreign: foreign.shift() })
    const results = await runRounds([{ name: 'one', round }], settings)
    expect(results.get('one')?.map(result => result.foreign)).toEqual([0.5])
  })

  it('refuses a contender that answers nothing', async () => {
    const round = async (): Promise<object> => ({ count: 0, foreign: 0 })
    await expect(runRounds([{ name: 'one', round }], settings)).rejects.toThrow('answered nothing')
  })
})

describe('drawChart', () => {
  const series = [{ name: 'a < b', points: [1, 10, 100].map(x => [x, x * 2]) }]
  const chart = { title: 'Growth', xLabel: 'sessions', panels: [{ title: 'ms', series }] }

  it('marks every point', () => {
    expect(drawChart(chart).match(/<circle /g)).toHaveLength(3)
  })

  it('puts powers of ten at equal distances', () => {
    const [first = 0, second = 0, third = 0] = [...drawChart(chart).matchAll(/cx="([\d.]+)"/g)].map(
      ([, x]) => Number(x),
    )
    expect(second - first).toBeCloseTo(third - second, 1)
  })

  it('escapes names', () => {
    expect(drawChart(chart)).toContain('a &#60; b')
  })
})

describe('the benchmark', () => {
  it('refuses a suite that there is not, and names those that there are', () => {
    const command = [pathOf('bench/run.js'), '--only', 'everything']
    const { status, stderr } = spawnSync(process.execPath, command, { encoding: 'utf8' })
    expect(status).toBe(1)
    expect(stderr).toContain('There is no suite everything. There are: http, direct')
  })

  it('keeps its peers out of the workspaces, and addresses out of its lock file', () => {
    const { workspaces } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8'))
    expect(workspaces).toEqual(['packages/*', 'examples/*'])
    expect(readFileSync(pathOf('bench/package-lock.json'), 'utf8')).not.toContain('"resolved"')
  })
})
