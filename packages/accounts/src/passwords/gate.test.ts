import { describe, expect, it } from 'vitest'
import { createGate } from './gate.ts'

/** A task that ends when it is told to. */
function createTask() {
  let end: () => void = () => undefined
  const ended = new Promise<void>(resolve => {
    end = resolve
  })
  return { run: () => ended, end }
}

const settle = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

describe('createGate', () => {
  it('runs so many tasks at once, the others in their order', async () => {
    const gate = createGate({ running: 2, admitted: 10 })
    const tasks = Array.from({ length: 5 }, createTask)
    const started: number[] = []
    const all = tasks.map(({ run }, index) =>
      gate.run(() => {
        started.push(index)
        return run()
      }),
    )
    await settle()
    expect(started).toEqual([0, 1])
    tasks[1]?.end()
    await settle()
    expect(started).toEqual([0, 1, 2])
    for (const { end } of tasks) end()
    await Promise.all(all)
    expect(started).toEqual([0, 1, 2, 3, 4])
  })

  it('goes on after a task that failed', async () => {
    const gate = createGate({ running: 1, admitted: 1 })
    const failing = gate.run(() => Promise.reject(new Error('no')))
    const next = gate.run(async () => 'done')
    await expect(failing).rejects.toThrow('no')
    expect(await next).toBe('done')
  })

  it('turns away at once whoever is too many, until somebody leaves', async () => {
    const gate = createGate({ running: 1, admitted: 2 })
    const inside = [createTask(), createTask()]
    const admitted = inside.map(({ run }) => gate.admit(run))
    expect(await gate.admit(async () => 'third')).toBeNull()
    inside[0]?.end()
    await admitted[0]
    expect(await gate.admit(async () => 'third')).toBe('third')
    inside[1]?.end()
    await admitted[1]
  })

  it('has room again after work that failed', async () => {
    const gate = createGate({ running: 1, admitted: 1 })
    await expect(gate.admit(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(await gate.admit(async () => 'next')).toBe('next')
  })
})
