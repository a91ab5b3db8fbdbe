import { describe, expect, it } from 'vitest'
import { redisClients } from '../../../../../test/support/redis-clients.ts'
import { startRedis } from '../../../../../test/support/redis-server.ts'
import { createAuditTrail } from '../../audit/trail.ts'
import { systemClock } from '../../core/clock.ts'
import { createEventHub } from '../../events/hub.ts'
import { createRedisAudit } from './audit.ts'
import { createScriptRunner } from './script.ts'

describe.each(redisClients)('an audit trail without its server, through $name', ({ connect }) => {
  it('breaks no request, and has all that it could hold once the server is back', async () => {
    const server = await startRedis({ appendOnly: true, args: ['--appendfsync', 'always'] })
    const connected = connect(server.url)
    const scripts = createScriptRunner(connected.client, { deadline: 200, retryAfter: 20 })
    const store = createRedisAudit({ scripts, prefix: 'cr:' })
    const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
    const trail = createAuditTrail({ maxPending: 5 }, { store, clock: systemClock, secret })
    const errors: unknown[] = []
    const hub = createEventHub({ clock: systemClock, onListenerError: error => errors.push(error) })
    hub.on(trail.listener)
    hub.emit({ type: 'auth_success' })
    await trail.flush()
    await server.kill()
    for (let count = 0; count < 8; count += 1) hub.emit({ type: 'auth_failure' })
    await expect(trail.flush()).rejects.toThrow()
    expect(trail.counts()).toEqual({ pending: 5, dropped: 3 })
    await server.restart()
    // By itself, or as soon as somebody asks.
    await expect
      .poll(() => trail.flush().then(() => trail.counts().pending), { timeout: 15_000 })
      .toBe(0)
    const { entries } = await trail.read()
    expect(entries.map(entry => entry.event?.type)).toEqual([
      'audit_dropped',
      ...Array(5).fill('auth_failure'),
      'auth_success',
    ])
    expect(entries[0]?.event?.details).toEqual({ count: 3 })
    expect(await trail.verify()).toMatchObject({ ok: true, checked: 7 })
    expect(errors).toEqual([])
    trail.close()
    connected.close()
    await server.stop()
  })
})
