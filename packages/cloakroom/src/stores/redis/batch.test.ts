import { describe, expect, it } from 'vitest'
import { StoreError } from '../../core/errors.ts'
import { createBatch } from './batch.ts'

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
  it('fails for those whose answer is an error, and for nobody else', async () => {
    const wrong = new Error('wrong')
    const batch = createBatch<number, string>(async () => ['first', wrong], 10)
    const answers = await Promise.allSettled([batch.add(1), batch.add(2)])
    expect(answers).toEqual([
      { status: 'fulfilled', value: 'first' },
      { status: 'rejected', reason: wrong },
    ])
  })

  it('sends each by itself once a Cluster has refused them together', async () => {
    const crossSlot = new StoreError('ERR_STORE_REPLY', 'Redis refused a command: CROSSSLOT Keys …')
    const sent: (readonly number[])[] = []
    const batch = createBatch<number, string>(async items => {
      sent.push(items)
      if (items.length > 1 || items[0] === 3) throw crossSlot
      return items.map(String)
    }, 10)
    const answers = await Promise.allSettled([1, 2, 3].map(item => batch.add(item)))
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected'])
    expect(await Promise.all([batch.add(4), batch.add(5)])).toEqual(['4', '5'])
    expect(sent).toEqual([[1, 2, 3], [1], [2], [3], [4], [5]])
  })
})
