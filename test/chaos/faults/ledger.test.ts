import { setTimeout as delay } from 'node:timers/promises'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Ledger, openLedger, type Suspicion } from './ledger.ts'
import type { Page } from './site.ts'

describe('openLedger', () => {
  let suspicions: Suspicion[]
  let ledger: Ledger
  beforeEach(async () => {
    suspicions = []
    const opening = { user: 'alice', id: 'a', cookie: 'cloakroom=a' }
    ledger = openLedger(opening, suspicion => suspicions.push(suspicion))
    await delay(1)
  })

  const page = (seen: Partial<Page> = {}): Page => ({
    ...{ id: 'a', user: 'alice', reason: null, count: 0, mark: 0 },
    ...seen,
  })
  const see = (seen: Partial<Page>, laterMs = 0, isExact = true): readonly string[] => {
    ledger.check(page(seen), performance.now() + laterMs, isExact)
    return suspicions.splice(0).map(({ kind }) => kind)
  }
  const nobody = { id: null, user: null, reason: 'unknown' }

  it('is content with what was acknowledged', () => {
    ledger.acknowledge('mark', 1)
    ledger.acknowledge('add', 2)
    expect(see({ count: 1, mark: 1 })).toEqual([])
    expect(see({ count: 1, mark: 1 }, 5000, false)).toEqual([])
  })

  it('misses what was acknowledged and is not there, once', () => {
    ledger.acknowledge('mark', 1)
    ledger.acknowledge('add', 2)
    expect(see({ count: 0, mark: 1 })).toEqual(['lost'])
    expect(see({ count: 0, mark: 1 })).toEqual([])
    ledger.acknowledge('mark', 3)
    expect(see({ count: 0, mark: 1 })).toEqual(['lost'])
  })

  it('bears with copies for two seconds', () => {
    ledger.acknowledge('add', 1)
    expect(see({ count: 0 }, 1900, false)).toEqual([])
    expect(see({ count: 0 }, 2100, false)).toEqual(['lost'])
  })

  it('takes what failed for possible, and nothing that was never written', () => {
    ledger.doubt('add', 1)
    ledger.doubt('mark', 2)
    expect(see({ count: 0, mark: 0 })).toEqual([])
    expect(see({ count: 1, mark: 2 })).toEqual([])
    expect(see({ count: 2, mark: 2 })).toEqual(['lost'])
  })

  it('takes a write that failed for possible until the next one to the same place', () => {
    ledger.doubt('mark', 1)
    ledger.acknowledge('add', 2)
    expect(see({ count: 1, mark: 1 })).toEqual([])
    ledger.acknowledge('mark', 3)
    expect(see({ count: 1, mark: 1 }, 1)).toEqual(['lost'])
  })

  it('finds out who was signed out, and into whose session one has come', () => {
    expect(see({ user: 'bob' })).toEqual(['lost'])
    expect(see(nobody)).toEqual(['signed out'])
    expect(see(nobody)).toEqual([])
  })

  it('finds out what was ended and is there', () => {
    ledger.endedAt = performance.now()
    expect(see({}, 5000)).toEqual([])
    ledger.isEndSure = true
    expect(see({}, 1900, false)).toEqual([])
    expect(see({}, 2100, false)).toEqual(['revived'])
    expect(see({}, 1)).toEqual(['revived'])
    expect(see(nobody)).toEqual([])
  })
})
