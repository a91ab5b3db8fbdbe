import { describe, expect, it } from 'vitest'
import { createBatch } from './counter-batch.ts'

describe('createBatch', () => {
  function record(most: number) {
    const sent: (readonly number[])[] = []
    const batch = createBatch<number, string>(async items => {
      sent.push(items)
      return items.map(String)
    }, most)
    return { sent, batch }
  }

  it('sends together what is added in one turn, and answers each', async () => {
    const { sent, batch } = record(10)
    const answers = Promise.all([1, 2, 3].map(item => batch.add(item)))
    expect(sent).toEqual([])
    expect(await answers).toEqual(['1', '2', '3'])
    expect(await batch.add(4)).toBe('4')
    expect(sent).toEqual([[1, 2, 3], [4]])
  })

  it('sends no more than so many together', async () => {
    const { sent, batch } = record(2)
    await Promise.all([1, 2, 3, 4, 5].map(item => batch.add(item)))
    expect(sent).toEqual([[1, 2], [3, 4], [5]])
  })

  it('fails for each when sending fails', async () => {
    const batch = createBatch<number, string>(() => Promise.reject(new Error('gone')), 10)
    const answers = await Promise.allSettled([batch.add(1), batch.add(2)])
    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })

  it('fails for those who were not answered', async () => {
    const batch = createBatch<number, string>(async () => ['first'], 10)
    const answers = await Promise.allSettled([batch.add(1), batch.add(2)])
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
  })
})
