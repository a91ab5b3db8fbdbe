import { describe, expect, it } from 'vitest'
import { rememberRecent } from './memo.ts'

function setUp(size: number): { asked: string[]; find: (text: string) => string | null } {
  const asked: string[] = []
  const find = rememberRecent(size, text => {
    asked.push(text)
    return text.startsWith('bad') ? null : text.toUpperCase()
  })
  return { asked, find }
}

describe('rememberRecent', () => {
  it('asks once about each text', () => {
    const { asked, find } = setUp(10)
    expect([find('a'), find('b'), find('a')]).toEqual(['A', 'B', 'A'])
    expect(asked).toEqual(['a', 'b'])
  })

  it('lets the oldest go when it is full', () => {
    const { asked, find } = setUp(2)
    for (const text of ['a', 'b', 'c', 'b', 'c', 'a']) find(text)
    expect(asked).toEqual(['a', 'b', 'c', 'a'])
  })

  it('keeps no more than its size, however many come and go', () => {
    const { asked, find } = setUp(50)
    const texts = Array.from({ length: 5000 }, (_, index) => `text ${index}`)
    for (const text of texts) find(text)
    asked.length = 0
    for (const text of texts.slice(-50)) find(text)
    expect(asked).toEqual([])
    find(texts.at(-51) ?? '')
    expect(asked).toHaveLength(1)
  })

  it('does not remember null', () => {
    const { asked, find } = setUp(1)
    for (const text of ['a', 'bad', 'bad', 'a']) find(text)
    expect(asked).toEqual(['a', 'bad', 'bad'])
  })

  it('does not remember long texts', () => {
    const { asked, find } = setUp(10)
    const long = 'x'.repeat(513)
    expect([find(long), find(long)]).toEqual([long.toUpperCase(), long.toUpperCase()])
    expect(asked).toHaveLength(2)
  })
})
