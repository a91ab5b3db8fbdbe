import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { storableData } from '../../../../test/support/storable-values.ts'
import { createCodec } from './codec.ts'
import { copyValue } from './copy.ts'
import { applyChanges, findChanges } from './data.ts'

const codec = createCodec()

describe('findChanges', () => {
  it('finds nothing between equals', () => {
    const before = { a: new Map([['x', [1]]]), b: undefined }
    expect(findChanges(before, copyValue(before), codec)).toBeNull()
  })

  it('tells a key that is undefined from one that is not there', () => {
    expect(findChanges({}, { a: undefined }, codec)?.set).toEqual(new Map([['a', undefined]]))
    expect(findChanges({ a: undefined }, {}, codec)?.removed).toEqual(['a'])
  })

  it('finds what was set, changed deep inside, and removed', () => {
    const before = { kept: 1, changed: { list: [1] }, gone: true }
    const after = { kept: 1, changed: { list: [1, 2] }, added: null }
    expect(findChanges(before, after, codec)).toEqual({
      set: new Map<string, unknown>([
        ['changed', { list: [1, 2] }],
        ['added', null],
      ]),
      removed: ['gone'],
    })
  })
})

describe('applyChanges', () => {
  it('makes the one state of the other', () => {
    fc.assert(
      fc.property(storableData, storableData, (before, after) => {
        const changes = findChanges(before, after, codec)
        const result = changes === null ? before : applyChanges(before, changes)
        expect(findChanges(result, after, codec)).toBeNull()
      }),
    )
  })

  it('leaves the state given as it is, and what others changed', () => {
    const stored = { visits: 1, theme: 'dark' }
    const changes = { set: new Map([['visits', 2]]), removed: ['cart'] }
    expect(applyChanges(stored, changes)).toEqual({ visits: 2, theme: 'dark' })
    expect(stored).toEqual({ visits: 1, theme: 'dark' })
  })
})
