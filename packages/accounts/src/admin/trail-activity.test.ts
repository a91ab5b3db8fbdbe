import { type AuditQuery, type AuditTrail, createCloakroom, StoreError } from 'cloakroom'
import { createManualClock } from 'cloakroom/testing'
import { beforeEach, describe, expect, it } from 'vitest'
import { type Activity, createActivity } from './activity.ts'
import { createTrailReader, type TrailReader } from './trail-activity.ts'

let clock: ReturnType<typeof createManualClock>
let trail: AuditTrail
let activity: Activity
let reader: TrailReader
let failAt: number
let pages: number

beforeEach(() => {
  clock = createManualClock()
  const cloakroom = createCloakroom({ clock, env: {}, audit: false, auditTrail: true })
  if (cloakroom.auditTrail === null) throw new Error('There is no trail.')
  trail = cloakroom.auditTrail
  activity = createActivity(clock)
  failAt = Number.POSITIVE_INFINITY
  pages = 0
  const read = async (query?: AuditQuery) => {
    pages += 1
    if (pages === failAt) throw new StoreError('ERR_STORE_UNAVAILABLE', 'Redis is away.')
    return trail.read(query)
  }
  reader = createTrailReader({ read }, activity, clock)
})

async function write(count: number): Promise<void> {
  for (let each = 0; each < count; each += 1) {
    trail.listener({ type: 'auth_failure', at: clock.now() })
  }
  await trail.flush()
}

const failures = (): number =>
  activity.lastHour().reduce((total, minute) => total + minute.failures, 0)

describe('createTrailReader', () => {
  it('counts a bounded part at once, the newest first, and each entry once', async () => {
    await write(1300)
    await reader.catchUp()
    expect(failures()).toBe(1000)
    await write(100)
    await reader.catchUp()
    expect(failures()).toBe(1400)
    await reader.catchUp()
    expect(failures()).toBe(1400)
  })

  it('counts nothing twice when the store fails in between', async () => {
    await write(500)
    failAt = 2
    await expect(reader.catchUp()).rejects.toThrow('Redis is away.')
    await write(10)
    await reader.catchUp()
    expect(failures()).toBe(510)
  })

  it('looks back for an hour', async () => {
    await write(10)
    clock.advance(2 * 3_600_000)
    await write(5)
    await reader.catchUp()
    expect(failures()).toBe(5)
  })

  it('reads once for all who ask at the same time', async () => {
    await write(10)
    await Promise.all([reader.catchUp(), reader.catchUp()])
    expect([pages, failures()]).toEqual([1, 10])
  })
})
