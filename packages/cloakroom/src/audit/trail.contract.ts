import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import type { DatedEvent, EventType } from '../events/event.ts'
import type { AuditStore } from './store.ts'
import { emptyHead } from './store.ts'
import { type AuditTrail, type AuditTrailOptions, createAuditTrail } from './trail.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const newerSecret = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'

/** What the suite needs of a store. */
export interface AuditStoreUnderTest {
  readonly name: string
  open(): Promise<{
    /** A store on empty ground. */
    createStore(clock: ManualClock): AuditStore
    close(): Promise<void>
  }>
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const all: string[] = []
  for await (const line of lines) all.push(line)
  return all
}

/** The behaviour of an audit trail, whatever store it is kept in. */
export function describeAuditTrail(under: AuditStoreUnderTest): void {
  describe(`AuditTrail on ${under.name}`, () => {
    let ground: Awaited<ReturnType<AuditStoreUnderTest['open']>>
    let clock: ManualClock
    let store: AuditStore
    let trail: AuditTrail
    beforeAll(async () => {
      ground = await under.open()
    })
    afterAll(() => ground?.close())
    beforeEach(() => {
      clock = createManualClock(Date.now())
      store = ground.createStore(clock)
      trail = open()
    })

    const open = (options: AuditTrailOptions = {}): AuditTrail =>
      createAuditTrail(options, { store, clock, secret })

    function eventOf(type: EventType, about: Partial<DatedEvent> = {}): DatedEvent {
      clock.advance(10)
      return { type, at: clock.now(), ...about }
    }

    async function write(into: AuditTrail, ...events: DatedEvent[]): Promise<void> {
      for (const event of events) into.listener(event)
      await into.flush()
    }

    const numbersOf = async (of: AuditTrail): Promise<number[]> =>
      (await of.read({ limit: 1000 })).entries.map(entry => entry.sequence)

    it('gives back every field of an event, newest first', async () => {
      const full = eventOf('role_changed', {
        userId: 'alice',
        tenant: 'acme',
        actorId: 'root',
        sessionId: 's-1',
        ip: '192.0.2.7',
        userAgent: 'Firefox',
        reason: 'promoted',
        details: { from: 'user', count: 2, forced: true },
      })
      const plain = eventOf('auth_failure')
      await write(trail, full, plain)
      expect(await trail.read()).toEqual({
        entries: [
          { sequence: 2, event: plain },
          { sequence: 1, event: full },
        ],
        cursor: null,
      })
    })

    it('turns pages, and finds by every field', async () => {
      const about = { userId: 'alice', actorId: 'root', sessionId: 's-1', ip: '192.0.2.7' }
      const wanted = eventOf('auth_success', about)
      const others = Array.from({ length: 250 }, () => eventOf('auth_failure', { userId: 'bob' }))
      const last = eventOf('csrf_failed')
      await write(trail, wanted, ...others, last)
      for (const filter of [
        ...Object.entries(about).map(([name, value]) => ({ [name]: value })),
        { types: ['auth_success' as const] },
        { until: others[0]?.at },
      ]) {
        const { entries } = await trail.read(filter)
        expect(entries).toEqual([{ sequence: 1, event: wanted }])
      }
      expect((await trail.read({ from: last.at })).entries.map(entry => entry.event)).toEqual([
        last,
      ])
      const first = await trail.read({ userId: 'bob', limit: 200 })
      const second = await trail.read({ userId: 'bob', limit: 200, cursor: first.cursor })
      expect([first.entries.length, second.entries.length]).toEqual([200, 50])
      expect(first.entries.at(-1)?.sequence).toBe(52)
      expect(second.entries[0]?.sequence).toBe(51)
    })

    it('keeps as many entries as it is told, and is whole without the oldest', async () => {
      trail = open({ keep: 100 })
      for (let count = 0; count < 3; count += 1) {
        await write(trail, ...Array.from({ length: 60 }, () => eventOf('auth_success')))
      }
      expect(await numbersOf(trail)).toEqual(Array.from({ length: 100 }, (_, at) => 180 - at))
      expect(await trail.verify()).toMatchObject({ ok: true, checked: 100, problems: [] })
    })

    it('numbers the entries of several workers without a gap', async () => {
      const workers = [trail, open(), open(), open()]
      await Promise.all(
        workers.map(async (worker, at) => {
          for (let count = 0; count < 20; count += 1) {
            await write(worker, eventOf('auth_success', { userId: `worker-${at}` }))
          }
        }),
      )
      expect(await numbersOf(trail)).toEqual(Array.from({ length: 80 }, (_, at) => 80 - at))
      expect(await trail.verify()).toMatchObject({ ok: true, checked: 80 })
    })

    it('keeps both of two events that look the same to two workers in the same moment', async () => {
      const event = eventOf('auth_failure', { ip: '192.0.2.7' })
      await write(trail, event)
      await write(open(), event)
      expect(await numbersOf(trail)).toEqual([2, 1])
    })

    it('refuses what does not follow the last entry', async () => {
      await write(trail, eventOf('auth_success'))
      const head = await store.head('common')
      const record = { sequence: 2, mac: 'mac', sealed: new Uint8Array(3) }
      const stale = { log: 'common', after: emptyHead, records: [record], keep: 100 }
      expect(await store.append(stale)).toEqual({ state: 'conflict', head })
      expect(await store.append({ ...stale, after: head })).toEqual({ state: 'appended' })
    })

    it('leaves out the kinds it is told to, and by default what every request may cause', async () => {
      await write(trail, eventOf('session_renewed'), eventOf('auth_success'))
      expect(await numbersOf(trail)).toEqual([1])
      await write(open({ except: ['auth_success'] }), eventOf('auth_success'))
      expect(await numbersOf(trail)).toEqual([1])
    })

    it('keeps a log for each tenant on request', async () => {
      trail = open({ perTenant: true })
      const acme = eventOf('auth_success', { tenant: 'acme' })
      const globex = eventOf('auth_failure', { tenant: 'globex' })
      await write(trail, acme, globex, eventOf('store_unavailable'))
      expect((await trail.read({ tenant: 'acme' })).entries).toEqual([{ sequence: 1, event: acme }])
      expect((await trail.read()).entries.map(entry => entry.event?.type)).toEqual([
        'store_unavailable',
      ])
      const reports = await trail.verifyAll()
      expect(reports.map(report => [report.ok, report.checked])).toEqual([
        [true, 1],
        [true, 1],
        [true, 1],
      ])
      expect(reports.map(report => report.log).join(' ')).not.toMatch(/acme|globex/)
    })

    it('exports lines that can be checked anywhere with the secret', async () => {
      await write(trail, eventOf('auth_success', { userId: 'alice' }), eventOf('csrf_failed'))
      const lines = await collect(trail.export())
      expect(JSON.parse(lines[0] ?? '')).toMatchObject({
        sequence: 1,
        event_type: 'auth_success',
        user_id: 'alice',
      })
      expect(await trail.verifyLines(lines)).toMatchObject({ ok: true, checked: 2 })
      const changed = [lines[0]?.replace('alice', 'mallory') ?? '', lines[1] ?? '']
      expect(await trail.verifyLines(changed)).toMatchObject({
        ok: false,
        problems: [{ kind: 'changed', sequence: 1 }],
      })
      expect(await trail.verifyLines(['{"sequence":1}'])).toMatchObject({ ok: false })
      expect(await collect(trail.export({ types: ['csrf_failed'] }))).toEqual([lines[1]])
    })

    it('goes on under a new secret, and can tell a lost one from a forgery', async () => {
      await write(trail, eventOf('auth_success'))
      const both = open({ secret: [newerSecret, secret] })
      await write(both, eventOf('auth_failure'))
      expect(await both.verify()).toMatchObject({ ok: true, checked: 2, unverifiable: 0 })
      const newest = open({ secret: newerSecret })
      expect(await newest.verify()).toMatchObject({ ok: true, checked: 2, unverifiable: 1 })
      expect((await newest.read()).entries.map(entry => entry.event?.type)).toEqual([
        'auth_failure',
        undefined,
      ])
      expect(await newest.verifyLines(await collect(both.export()))).toMatchObject({
        unverifiable: 1,
      })
    })

    it('knows a log that ends before an entry it once had', async () => {
      await write(trail, eventOf('auth_success'), eventOf('auth_success'))
      const { head } = await trail.verify()
      expect(await trail.verify(null, { anchor: head })).toMatchObject({ ok: true })
      const later = { sequence: 3, mac: head.mac }
      expect(await trail.verify(null, { anchor: later })).toMatchObject({
        ok: false,
        problems: [{ kind: 'rolled-back', sequence: 3 }],
      })
      expect(await trail.verify(null, { anchor: { sequence: 2, mac: 'other' } })).toMatchObject({
        problems: [{ kind: 'rolled-back', sequence: 2 }],
      })
    })

    it('says how far it has come', async () => {
      await write(trail, eventOf('auth_success'))
      const steps: [number, number][] = []
      await trail.verify(null, { onProgress: (...step) => steps.push(step) })
      expect(steps).toEqual([[1, 1]])
    })

    it('finds an empty log whole', async () => {
      expect(await trail.verify()).toMatchObject({ ok: true, checked: 0 })
    })
  })
}
