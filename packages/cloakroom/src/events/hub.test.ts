import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createManualClock } from '../core/clock.ts'
import type { DatedEvent, EventType } from './event.ts'
import { createEventHub, type EventHub } from './hub.ts'

function hubWith(errors: unknown[] = []): EventHub {
  return createEventHub({
    clock: createManualClock(1000),
    onListenerError: error => errors.push(error),
  })
}

function fail(): never {
  throw new Error('The listener is broken.')
}

describe('createEventHub', () => {
  it('tells every listener, in the order they came', () => {
    const hub = hubWith()
    const told: string[] = []
    hub.on(event => told.push(`first ${event.type}`))
    hub.on(event => told.push(`second ${event.type}`))
    hub.emit({ type: 'auth_success' })
    expect(told).toEqual(['first auth_success', 'second auth_success'])
  })

  it('tells a listener of one kind of nothing else', () => {
    const hub = hubWith()
    const told: EventType[] = []
    hub.on('csrf_failed', event => told.push(event.type))
    hub.emit({ type: 'auth_success' })
    hub.emit({ type: 'csrf_failed' })
    expect(told).toEqual(['csrf_failed'])
  })

  it('fills in the time that is missing and keeps one that is given', () => {
    const hub = hubWith()
    const times: number[] = []
    hub.on(event => times.push(event.at))
    hub.emit({ type: 'auth_success' })
    hub.emit({ type: 'auth_success', at: 7 })
    hub.emit({ type: 'auth_success', at: undefined })
    expect(times).toEqual([1000, 7, 1000])
  })

  it('tells a listener nothing more once it has ended', () => {
    const hub = hubWith()
    const told: EventType[] = []
    const listener = (event: DatedEvent) => told.push(event.type)
    const end = hub.on(listener)
    hub.on('csrf_failed', listener)
    end()
    end()
    hub.emit({ type: 'csrf_failed' })
    expect(told).toEqual(['csrf_failed'])
  })

  it('lets listeners come and go while an event is passed on', () => {
    const hub = hubWith()
    const told: string[] = []
    const end = hub.on(() => {
      end()
      hub.on(() => told.push('late'))
    })
    hub.on(() => told.push('steady'))
    hub.emit({ type: 'auth_success' })
    expect(told).toEqual(['steady'])
    hub.emit({ type: 'auth_success' })
    expect(told).toEqual(['steady', 'steady', 'late'])
  })

  it('gives each listener the event as it was handed in', () => {
    const errors: unknown[] = []
    const hub = hubWith(errors)
    const told: EventType[] = []
    hub.on(event => Object.assign(event, { type: 'auth_success' }))
    hub.on(event => told.push(event.type))
    hub.emit({ type: 'auth_failure' })
    expect(told).toEqual(['auth_failure'])
    expect(errors).toHaveLength(1)
  })

  it('refuses a kind that does not exist and a listener that is none', () => {
    const hub = hubWith()
    expect(() => hub.on('auth_sucess' as EventType, fail)).toThrow(/must be one of/)
    expect(() => hub.on('auth_success', undefined as unknown as () => void)).toThrow(TypeError)
  })
})

describe('a failing listener', () => {
  it('neither breaks the request nor keeps the event from the others', () => {
    const hub = hubWith()
    const told: EventType[] = []
    hub.on(fail)
    hub.on(event => told.push(event.type))
    expect(() => hub.emit({ type: 'auth_success' })).not.toThrow()
    expect(told).toEqual(['auth_success'])
  })

  it('is counted every time and reported once', () => {
    const errors: unknown[] = []
    const hub = hubWith(errors)
    hub.on(fail)
    hub.emit({ type: 'auth_success' })
    hub.emit({ type: 'auth_success' })
    expect(hub.failureCount()).toBe(2)
    expect(errors).toEqual([new Error('The listener is broken.')])
  })

  it('is reported when its promise rejects, without an unhandled rejection', async () => {
    const errors: unknown[] = []
    const hub = hubWith(errors)
    hub.on(() => Promise.reject(new Error('The disk is full.')))
    hub.emit({ type: 'auth_success' })
    await Promise.resolve()
    expect(errors).toEqual([new Error('The disk is full.')])
    expect(hub.failureCount()).toBe(1)
  })

  it('does no harm when the one who is told fails too', () => {
    const hub = createEventHub({ clock: createManualClock(), onListenerError: fail })
    hub.on(fail)
    expect(() => hub.emit({ type: 'auth_success' })).not.toThrow()
    expect(hub.failureCount()).toBe(1)
  })

  it('raises a warning of the process when nobody is to be told', async () => {
    const hub = createEventHub({ clock: createManualClock() })
    hub.on(fail)
    const warned = once(process, 'warning')
    hub.emit({ type: 'auth_success' })
    const [warning] = await warned
    expect(warning).toMatchObject({ code: 'CLOAKROOM_LISTENER_FAILED' })
    expect(String(warning)).toContain('The listener is broken.')
  })
})
