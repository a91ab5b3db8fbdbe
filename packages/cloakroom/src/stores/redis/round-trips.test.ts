import { createConnection, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { redisClients } from '../../../../../test/support/redis-clients.ts'
import { type RedisServer, startRedis } from '../../../../../test/support/redis-server.ts'
import { createManualClock } from '../../core/clock.ts'
import { createSessionManager, type SessionManager } from '../../sessions/manager.ts'
import { createKeys } from './keys.ts'
import { createScriptRunner } from './script.ts'
import { createRedisSessions } from './sessions.ts'

const alice = { id: 'alice@example.test' }

/** Listens to what a server is asked to do. Calls by scripts are left out: they cost no round trip. */
interface Monitor {
  /** The commands that clients sent while `work` ran, in capitals. */
  commandsOf(work: () => Promise<unknown>): Promise<string[]>
  close(): void
}

async function openMonitor(port: number): Promise<Monitor> {
  const socket: Socket = createConnection({ port, host: '127.0.0.1' })
  let text = ''
  socket.on('data', data => {
    text += data.toString('latin1')
  })
  socket.write('MONITOR\r\n')
  const seen = async (word: string): Promise<void> => {
    for (let tries = 0; !text.includes(word); tries += 1) {
      if (tries > 2000) throw new Error(`MONITOR never showed ${word}.`)
      await delay(1)
    }
  }
  await seen('OK')
  const marker = createConnection({ port, host: '127.0.0.1' })
  let marks = 0

  /** Commands are shown in order: what came before the mark has been shown when it is. */
  async function mark(): Promise<string> {
    marks += 1
    const name = `"mark-${marks}"`
    marker.write(`ECHO mark-${marks}\r\n`)
    await seen(name)
    return name
  }

  return {
    async commandsOf(work) {
      const begin = await mark()
      await work()
      const end = await mark()
      const shown = text.slice(text.indexOf(begin), text.indexOf(end))
      const names = shown.split('\r\n').flatMap(line => {
        const match = /^\+[\d.]+ \[\d+ (\S+)\] "(\w+)"/.exec(line)
        return match === null || match[1] === 'lua' ? [] : [(match[2] ?? '').toUpperCase()]
      })
      return names.filter(name => name !== 'ECHO')
    },
    close() {
      socket.destroy()
      marker.destroy()
    },
  }
}

describe.each(redisClients)('the round trips of sessions with $name', ({ connect }) => {
  const clock = createManualClock()
  let redis: RedisServer
  let monitor: Monitor
  let sessions: SessionManager
  let close: () => void
  beforeAll(async () => {
    redis = await startRedis()
    const connected = connect(redis.url)
    close = connected.close
    await connected.client.whenReady()
    const scripts = createScriptRunner(connected.client)
    sessions = createSessionManager({
      store: createRedisSessions({ scripts, keys: createKeys('cr:'), clock }),
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
      events: { emit: () => undefined },
      clock,
    })
    monitor = await openMonitor(redis.port)
    // Once, so that Redis knows every script.
    const { session, token } = await sessions.create(alice)
    await sessions.validate(token)
    const saved = await sessions.update(session, data => ({ ...data, warm: true }))
    const rotated = await sessions.rotate(saved)
    await sessions.create(alice, { previous: rotated.session })
    await sessions.list(alice.id)
    await sessions.revokeAll(alice.id)
    await sessions.raiseEpoch({ tenant: 'warm' })
  })
  beforeEach(() => sessions.list(alice.id))
  afterAll(async () => {
    monitor.close()
    close()
    await redis.stop()
  })

  it('are one to create', async () => {
    expect(await monitor.commandsOf(() => sessions.create(alice))).toEqual(['EVALSHA'])
    expect(await monitor.commandsOf(() => sessions.create(null))).toEqual(['EVALSHA'])
  })

  it('are three to sign in on top of a visitor’s session', async () => {
    const { session } = await sessions.create(null)
    const work = () => sessions.create(alice, { previous: session })
    expect(await monitor.commandsOf(work)).toEqual(['EVALSHA', 'EVALSHA', 'EVALSHA'])
  })

  it('are one to validate', async () => {
    const { token } = await sessions.create(alice)
    const commands = await monitor.commandsOf(() => sessions.validate(token))
    expect(['EVALSHA', 'MGET']).toContain(commands[0])
    expect(commands).toHaveLength(1)
  })

  it('are one to validate many at once', async () => {
    const made = await Promise.all(Array.from({ length: 20 }, () => sessions.create(null)))
    const work = () => Promise.all(made.map(({ token }) => sessions.validate(token)))
    await work()
    expect(await monitor.commandsOf(work)).toEqual(['MGET'])
  })

  it('are none for what is no token', async () => {
    expect(await monitor.commandsOf(() => sessions.validate('no token'))).toEqual([])
  })

  it('are one to save, to update, to renew, and none where nothing changed', async () => {
    const { session } = await sessions.create(alice, { data: {} })
    expect(await monitor.commandsOf(() => sessions.save(session))).toEqual([])
    expect(await monitor.commandsOf(() => sessions.update(session, () => undefined))).toEqual([
      'EVALSHA',
    ])
    Object.assign(session.data, { visits: 1 })
    const { session: other } = await sessions.create(alice, { data: {} })
    Object.assign(other.data, { visits: 1 })
    expect(await monitor.commandsOf(() => sessions.save(other))).toEqual(['EVALSHA'])
    expect(await monitor.commandsOf(() => sessions.renew(other))).toEqual(['EVALSHA'])
  })

  it('are two to save what another request changed meanwhile', async () => {
    const { session } = await sessions.create(alice, { data: {} })
    await sessions.update(session, () => undefined)
    Object.assign(session.data, { visits: 1 })
    expect(await monitor.commandsOf(() => sessions.save(session))).toEqual(['EVALSHA', 'EVALSHA'])
  })

  it('are one to rotate', async () => {
    const { session } = await sessions.create(alice)
    expect(await monitor.commandsOf(() => sessions.rotate(session))).toEqual(['EVALSHA'])
  })

  it('are one to list, to revoke, to revoke the others and to revoke all', async () => {
    const { session } = await sessions.create(alice)
    expect(await monitor.commandsOf(() => sessions.list(alice.id))).toEqual(['EVALSHA'])
    expect(await monitor.commandsOf(() => sessions.revokeOthers(session))).toEqual(['EVALSHA'])
    expect(await monitor.commandsOf(() => sessions.revoke(session.id))).toEqual(['EVALSHA'])
    expect(await monitor.commandsOf(() => sessions.revokeAll(alice.id))).toEqual(['EVALSHA'])
  })

  it('are one to end everybody’s sessions, or a tenant’s', async () => {
    const raising = await monitor.commandsOf(() => sessions.raiseEpoch({ all: true }))
    expect(raising).toHaveLength(1)
    const tenant = await monitor.commandsOf(() => sessions.raiseEpoch({ tenant: 'acme' }))
    expect(tenant).toHaveLength(1)
  })

  it('are two at most to note activity', async () => {
    const { token } = await sessions.create(alice)
    clock.advance(5 * 60_000)
    await sessions.list(alice.id)
    const commands = await monitor.commandsOf(() => sessions.validate(token))
    expect(commands.filter(name => name !== 'MGET')).toEqual(['EVALSHA'])
    expect(commands.length).toBeLessThanOrEqual(2)
  })

  it('are one more once a second, to read the epochs', async () => {
    const { token } = await sessions.create(alice)
    clock.advance(1000)
    const work = () => Promise.all(Array.from({ length: 20 }, () => sessions.validate(token)))
    const first = await monitor.commandsOf(work)
    expect(first.filter(name => name === 'HGETALL')).toHaveLength(1)
    clock.advance(999)
    expect(await monitor.commandsOf(work)).not.toContain('HGETALL')
  })
})
