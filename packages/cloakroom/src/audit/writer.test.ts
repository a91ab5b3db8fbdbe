import { beforeEach, describe, expect, it, vi } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import { StoreError } from '../core/errors.ts'
import { createEventHub } from '../events/hub.ts'
import { createMemoryAudit } from '../stores/memory/audit.ts'
import type { AuditStore } from './store.ts'
import { type AuditTrail, createAuditTrail } from './trail.ts'

const clock = createManualClock()
const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const away = new StoreError('ERR_STORE_UNAVAILABLE', 'The store is away.')

describe('a trail whose store is away', () => {
  let isAway: boolean
  let store: AuditStore
  let trail: AuditTrail
  beforeEach(() => {
    isAway = true
    const memory = createMemoryAudit({ clock })
    store = {
      ...memory,
      async append(request) {
        if (isAway) throw away
        return memory.append(request)
      },
    }
    trail = createAuditTrail({ maxPending: 3 }, { store, clock, secret })
  })

  const typesOf = async () => (await trail.read()).entries.map(entry => entry.event?.type)

  it('holds events back, and tells whoever asks for them to be written', async () => {
    trail.listener({ type: 'auth_success', at: 1 })
    await expect(trail.flush()).rejects.toThrow(away)
    expect(trail.counts()).toEqual({ pending: 1, dropped: 0 })
    isAway = false
    await trail.flush()
    expect(trail.counts()).toEqual({ pending: 0, dropped: 0 })
    expect(await typesOf()).toEqual(['auth_success'])
  })

  it('counts what it cannot hold, and writes the count down after the rest', async () => {
    for (let at = 0; at < 8; at += 1) trail.listener({ type: 'auth_failure', at })
    expect(trail.counts()).toEqual({ pending: 3, dropped: 5 })
    isAway = false
    await trail.flush()
    expect(await typesOf()).toEqual([
      'audit_dropped',
      'auth_failure',
      'auth_failure',
      'auth_failure',
    ])
    expect((await trail.read({ limit: 1 })).entries[0]?.event?.details).toEqual({ count: 5 })
    expect(await trail.verify()).toMatchObject({ ok: true })
  })

  it('breaks no request, and tries again by itself', async () => {
    vi.useFakeTimers()
    const errors: unknown[] = []
    const hub = createEventHub({ clock, onListenerError: error => errors.push(error) })
    hub.on(trail.listener)
    hub.emit({ type: 'auth_success' })
    await vi.advanceTimersByTimeAsync(600)
    isAway = false
    await vi.advanceTimersByTimeAsync(2000)
    vi.useRealTimers()
    expect(errors).toEqual([])
    expect(await typesOf()).toEqual(['auth_success'])
  })

  it('does not try by itself once it is closed', async () => {
    vi.useFakeTimers()
    trail.listener({ type: 'auth_success', at: 1 })
    trail.close()
    isAway = false
    await vi.advanceTimersByTimeAsync(60_000)
    vi.useRealTimers()
    expect(trail.counts().pending).toBe(1)
    await trail.flush()
    expect(await typesOf()).toEqual(['auth_success'])
  })
})

describe('a trail whose store answers too late', () => {
  it('does not write twice what was written', async () => {
    const memory = createMemoryAudit({ clock })
    let isLost = true
    const store: AuditStore = {
      ...memory,
      async append(request) {
        const result = await memory.append(request)
        if (isLost) throw new StoreError('ERR_STORE_TIMEOUT', 'The answer was lost.')
        return result
      },
    }
    const trail = createAuditTrail({}, { store, clock, secret })
    trail.listener({ type: 'auth_success', at: 1 })
    await expect(trail.flush()).rejects.toThrow()
    isLost = false
    trail.listener({ type: 'auth_failure', at: 2 })
    await trail.flush()
    expect((await trail.read()).entries.map(entry => [entry.sequence, entry.event?.type])).toEqual([
      [2, 'auth_failure'],
      [1, 'auth_success'],
    ])
  })
})

describe('createAuditTrail', () => {
  it.each([
    [{ keep: 1 }, /auditTrail.keep/],
    [{ maxPending: 0 }, /auditTrail.maxPending/],
    [{ secret: 'short' }, /auditTrail.secret/],
    [{ kept: 1 } as object, /auditTrail.kept/],
  ])('refuses %j', (options, message) => {
    const store = createMemoryAudit({ clock })
    expect(() => createAuditTrail(options, { store, clock, secret })).toThrow(message)
  })
})
