import { afterAll, describe, expect, it } from 'vitest'
import { faults } from './faults.ts'
import { describeTrials } from './report.ts'
import { runTrial, type Trial } from './trial.ts'

const rate = Number(process.env['CHAOS_RATE'] ?? 2000)
const megabyte = 1_000_000

describe('a site of four processes under load', () => {
  const trials: Trial[] = []
  afterAll(() => console.log(describeTrials(trials, rate)))

  it.each(faults)('bears: $name', async fault => {
    const trial = await runTrial(fault, rate)
    trials.push(trial)
    expect(trial.events.late).toEqual([])
    expect(trial.events.wrong).toEqual([])
    expect(trial.unexplained.map(({ kind, detail }) => `${kind}: ${detail}`)).toEqual([])
    expect(trial.recovery).toBeLessThan(30)
    expect(trial.heapGrowth).toBeLessThan(20 * megabyte)
    if (fault.isUnnoticed === true) expect(trial.events.failures).toEqual([])
  })
})
