import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { clusterClients, redisClients } from '../../../../../test/support/redis-clients.ts'
import { startCluster } from '../../../../../test/support/redis-cluster.ts'
import { type RedisServer, startRedis } from '../../../../../test/support/redis-server.ts'
import { createManualClock, type ManualClock, systemClock } from '../../core/clock.ts'
import { StoreError } from '../../core/errors.ts'
import { createSessionManager } from '../../sessions/manager.ts'
import type { LoadRequest, SessionStore } from '../../sessions/store.ts'
import { createKeys } from './keys.ts'
import { createScriptRunner, type ScriptRunner } from './script.ts'
import { createRedisSessions } from './sessions.ts'

const keys = createKeys('cr:')
const owner = 'AAAabcdefghi'
const id = `${owner}0123456789`
const digest = Uint8Array.from({ length: 16 }, (_, index) => index)
const minute = 60_000

describe.each(redisClients)('createGlance on $name', ({ connect }) => {
  let server: RedisServer
  let scripts: ScriptRunner
  let close: () => void
  let clock: ManualClock
  let store: SessionStore
  /** What Redis was asked: `glance` or the name of a script. */
  let asked: string[]

  beforeAll(async () => {
    server = await startRedis()
    const connected = connect(server.url)
    close = connected.close
    await connected.client.whenReady()
    scripts = createScriptRunner(connected.client)
  })
  afterAll(async () => {
    close()
    await server.stop()
  })
  beforeEach(async () => {
    await scripts.command(null, ['FLUSHALL'])
    clock = createManualClock()
    asked = []
    const counting: ScriptRunner = {
      ...scripts,
      run(script, input) {
        asked.push(script.name)
        return scripts.run(script, input)
      },
      command(key, args) {
        if (args[0] === 'MGET') asked.push('glance')
        return scripts.command(key, args)
      },
    }
    store = createRedisSessions({ scripts: counting, keys, clock })
    await create(id)
    await load()
    asked.length = 0
  })

  async function create(id: string): Promise<void> {
    const record = { id, digest, keyId: '01020304', generation: 1, sealed: Uint8Array.of(1, 2, 3) }
    const lifetime = { idleMs: 30 * minute, absoluteMs: 60 * minute }
    const request = { isIndexed: true, limit: null, replaces: null }
    await store.create({ record: { ...record, ...lifetime }, ...request })
  }

  async function load(request: Partial<LoadRequest> = {}): Promise<string> {
    const usual = { id, digest, touchEveryMs: 3 * minute, isUnderWay: false }
    const result = await store.load({ ...usual, ...request })
    return result.state === 'absent' ? result.reason : result.state
  }

  it('reads what is plainly good without a script', async () => {
    const request = { id, digest, touchEveryMs: null, isUnderWay: false }
    const result = await store.load(request)
    expect(result).toMatchObject({
      state: 'valid',
      now: clock.now(),
      record: { id, generation: 1, seenAt: clock.now(), keyId: '01020304' },
    })
    expect(result.state === 'valid' && Buffer.from(result.record.sealed)).toEqual(
      Buffer.from([1, 2, 3]),
    )
    expect(await load({ digest: null })).toBe('valid')
    expect(asked).toEqual(['glance', 'glance'])
  })

  it('asks the script for the time, again and again', async () => {
    clock.advance(10_000)
    await load()
    expect(asked).toEqual(['glance'])
    clock.advance(1)
    await load()
    await load()
    expect(asked).toEqual(['glance', 'load-session', 'glance'])
  })

  it('asks the script when the clock went back', async () => {
    clock.advance(-1)
    await load()
    expect(asked).toEqual(['load-session'])
  })

  it('leaves activity to the script', async () => {
    for (let passed = 0; passed < 3 * minute; passed += 10_000) {
      clock.advance(10_000)
      await load({ touchEveryMs: null })
      await load({ touchEveryMs: null })
    }
    asked.length = 0
    expect(await load()).toBe('valid')
    expect(asked).toEqual(['glance', 'load-session'])
    const [record] = await store.list(owner)
    expect(record?.seenAt).toBe(clock.now())
  })

  it('leaves to the script what ends within a second', async () => {
    clock.advance(30 * minute - 1000)
    await load({ touchEveryMs: null })
    asked.length = 0
    expect(await load({ touchEveryMs: null })).toBe('valid')
    expect(asked).toEqual(['glance', 'load-session'])
    clock.advance(1000)
    expect(await load({ touchEveryMs: null })).toBe('idle')
  })

  it('finds an epoch that was raised at once', async () => {
    await store.endAll(owner, id)
    expect(await load()).toBe('valid')
    await scripts.command(keys.epoch(owner), ['INCR', keys.epoch(owner)])
    expect(await load()).toBe('epoch')
    expect(asked.at(-1)).toBe('load-session')
  })

  it('leaves every other token to the script', async () => {
    expect(await load({ digest: new Uint8Array(16) })).toBe('unknown')
    expect(await load({ id: `${owner}9876543210` })).toBe('unknown')
    expect(asked).toEqual(['glance', 'load-session', 'glance', 'load-session'])
  })

  it('leaves to the script what it cannot read', async () => {
    const key = keys.session(id)
    await scripts.command(key, ['SETRANGE', key, '40', 'x'])
    expect(await load()).toBe('corrupt')
    expect(asked).toEqual(['glance', 'load-session'])
  })
  it('reads all that is asked for in one turn at once, each by itself', async () => {
    const ids = Array.from({ length: 9 }, (_, index) => `${owner}000000000${index}`)
    const [text, damaged, gone, ...good] = ids.map(keys.session)
    await Promise.all(ids.map(create))
    await scripts.command(null, ['DEL', text ?? '', gone ?? ''])
    await scripts.command(null, ['HSET', text ?? '', 'a', 'b'])
    await scripts.command(null, ['SETRANGE', damaged ?? '', '40', 'x'])
    asked.length = 0
    const states = await Promise.allSettled(ids.map(id => load({ id, touchEveryMs: null })))
    expect(states[0]).toMatchObject({ status: 'rejected', reason: { code: 'ERR_STORE_REPLY' } })
    expect(states.slice(1)).toMatchObject(
      ['corrupt', 'unknown', ...good.map(() => 'valid')].map(value => ({ value })),
    )
    expect(asked).toEqual(['glance', 'load-session', 'load-session', 'load-session'])
  })

  it('tells everybody when reading fails', async () => {
    const failing: ScriptRunner = {
      ...scripts,
      command: () => Promise.reject(new StoreError('ERR_STORE_TIMEOUT', 'too late')),
    }
    store = createRedisSessions({ scripts: failing, keys, clock })
    await load()
    const states = await Promise.allSettled([load(), load()])
    const reason = { code: 'ERR_STORE_TIMEOUT' }
    expect(states).toMatchObject([{ reason }, { reason }])
  })
})

describe.each(clusterClients)('createGlance on a Cluster with $name', ({ connect }) => {
  it('reads sessions of many slots', async () => {
    const cluster = await startCluster()
    const connected = connect(cluster.url)
    try {
      const sessions = createSessionManager({
        store: createRedisSessions({ scripts: createScriptRunner(connected.client), keys }),
        secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
        events: { emit: () => undefined },
        clock: systemClock,
      })
      const made = await Promise.all(Array.from({ length: 20 }, () => sessions.create(null)))
      const readAll = async () => {
        const reads = await Promise.all(made.map(({ token }) => sessions.validate(token)))
        return reads.filter(({ state }) => state === 'valid').length
      }
      expect([await readAll(), await readAll(), await readAll()]).toEqual([20, 20, 20])
    } finally {
      connected.close()
      await cluster.stop()
    }
  })
})
