import { once } from 'node:events'
import { Redis } from 'ioredis'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type ConnectedClient, redisClients } from '../../../../../test/support/redis-clients.ts'
import { type RedisServer, startRedis } from '../../../../../test/support/redis-server.ts'
import { startRelay } from '../../../../../test/support/relay.ts'
import type { RedisClient, RedisReply } from './client.ts'
import { connectRedisClient } from './driver-recognize.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

describe.each(redisClients)('connectRedisClient with $name', ({ connect }) => {
  let connected: ConnectedClient
  let client: RedisClient
  beforeEach(() => {
    connected = connect(redis.url)
    client = connected.client
  })
  afterEach(() => connected.close())

  it('connects when told to, and not before', async () => {
    expect(client.isReady).toBe(false)
    for (const asking of [
      client.command(null, ['PING']),
      client.commandEach(['PING']),
      client.scanKeys('*', null, 10),
    ]) {
      await expect(asking).rejects.toMatchObject({ code: 'ERR_STORE_UNAVAILABLE' })
    }
    await client.whenReady()
    expect(client.isReady).toBe(true)
  })

  it('answers with bytes for every kind of text', async () => {
    await client.whenReady()
    const bytes = new Uint8Array([0, 255, 10, 13, 128])
    expect(text(await client.command('key', ['SET', 'key', bytes]))).toBe('OK')
    expect(await client.command('key', ['GET', 'key'])).toEqual(Buffer.from(bytes))
    expect(text(await client.command(null, ['INFO', 'server']))).toContain('redis_version')
    const status = await client.command(null, ['EVAL', "return { ok = 'gone' }", '0'])
    expect(text(status)).toBe('gone')
  })

  it('answers with numbers, nulls and nested lists', async () => {
    await client.whenReady()
    const script = "return { 1, false, 'text', { 2, { 3 } }, 'last' }"
    const reply = await client.command(null, ['EVAL', script, '0'])
    expect(reply).toEqual([1, null, Buffer.from('text'), [2, [3]], Buffer.from('last')])
    expect(await client.command('none', ['GET', 'none'])).toBeNull()
  })

  it('answers with lists where the protocol has maps', async () => {
    await client.whenReady()
    const reply = await client.command(null, ['CONFIG', 'GET', 'maxmemory-policy'])
    expect(reply).toEqual([Buffer.from('maxmemory-policy'), Buffer.from('noeviction')])
    await client.command('hash', ['HSET', 'hash', 'field', 'value'])
    const hash = await client.command('hash', ['HGETALL', 'hash'])
    expect((hash as RedisReply[]).map(text)).toEqual(['field', 'value'])
    expect(await client.command('none', ['HGETALL', 'none'])).toEqual([])
  })

  it('throws what the server answered, beginning with its code', async () => {
    await client.whenReady()
    const unknown = client.command(null, ['EVALSHA', '0'.repeat(40), '0'])
    await expect(unknown).rejects.toThrow(/^NOSCRIPT /)
  })

  it('reads all keys page by page', async () => {
    await client.whenReady()
    const names = Array.from({ length: 500 }, (_, index) => `scan:${index}`)
    await client.command(null, ['MSET', ...names.flatMap(name => [name, '1'])])
    const found = new Set<string>()
    let cursor: string | null = null
    let pages = 0
    do {
      const page = await client.scanKeys('scan:*', cursor, 100)
      for (const key of page.keys) found.add(key)
      cursor = page.cursor
      pages += 1
    } while (cursor !== null)
    expect([...found].sort()).toEqual(names.sort())
    expect(pages).toBeGreaterThan(2)
  })

  it('begins a scan anew at a cursor that is none', async () => {
    await client.whenReady()
    const page = await client.scanKeys('*', 'no cursor', 10_000)
    expect(page.cursor).toBeNull()
  })

  it('asks each master', async () => {
    await client.whenReady()
    expect((await client.commandEach(['PING'])).map(text)).toEqual(['PONG'])
  })

  it('hears a channel, and hears it again after the server was gone', async () => {
    const heard = listen(client, 'news')
    await heard.until('heard')
    await client.command(null, ['PUBLISH', 'news', new Uint8Array([1, 200])])
    await heard.until('1,200')
    await redis.kill()
    await heard.until('lost')
    await redis.restart()
    await heard.until('heard')
    await client.whenReady()
    await client.command(null, ['PUBLISH', 'news', 'x'])
    await heard.until('120')
    heard.close()
  })

  it('closes with the client of the user, and says so', async () => {
    await client.whenReady()
    const ended = connect(redis.url)
    await ended.client.whenReady()
    const before = await countClients()
    const heard = listen(ended.client, 'news')
    await heard.until('heard')
    await openNative(ended.native)
    closeNative(ended.native)
    await heard.until('lost')
    expect(ended.client.isReady).toBe(false)
    await expect(ended.client.whenReady()).rejects.toThrow('has been closed')
    await expect.poll(countClients).toBe(before - 1)
    heard.close()
  })

  async function countClients(): Promise<number> {
    return text(await client.command(null, ['CLIENT', 'LIST']))
      .trim()
      .split('\n').length
  }

  it('connects anew where nobody answers the connection under way', async () => {
    const relay = await startRelay(redis.port)
    const silent = connect(relay.url)
    relay.pause()
    const isReady = (): Promise<boolean> =>
      silent.client.whenReady().then(
        () => true,
        () => false,
      )
    const first = isReady()
    await expect.poll(() => relay.connections, { timeout: 5000 }).toBeGreaterThan(0)
    relay.mute()
    relay.resume()
    expect(await first).toBe(false)
    expect(await isReady()).toBe(true)
    silent.close()
    await relay.stop()
  })

  it('goes over to another connection, and what is under way ends on the one before', async () => {
    await client.whenReady()
    const idOf = async (): Promise<number> => Number(await client.command(null, ['CLIENT', 'ID']))
    const before = await idOf()
    const slow = client.command(null, ['BLPOP', 'nothing', '0.5'])
    client.renew()
    client.renew()
    await expect.poll(idOf).toBeGreaterThan(before)
    expect(await slow).toBeNull()
    const open = async (): Promise<string> => String(await client.command(null, ['CLIENT', 'LIST']))
    await expect.poll(open, { timeout: 5000 }).not.toContain(`id=${before} `)
  })

  it('makes a new connection after it was told to drop one', async () => {
    await client.whenReady()
    client.reconnect()
    expect(client.isReady).toBe(false)
    await client.whenReady()
    expect(text(await client.command(null, ['PING']))).toBe('PONG')
  })
})

describe('connectRedisClient with a key prefix', () => {
  it('keeps to the keys that begin with it', async () => {
    const native = new Redis(redis.url, { lazyConnect: true, keyPrefix: 'app*:' })
    const client = connectRedisClient(native)
    await client.whenReady()
    await client.command(null, ['FLUSHALL'])
    await client.command('coat', ['SET', 'coat', '1'])
    await client.command('hat', ['EVAL', "redis.call('SET', KEYS[1], 1)", '1', 'hat'])
    await client.command(null, ['EVAL', "redis.call('SET', 'apples:coat', 1)", '0'])
    expect(new Set((await client.scanKeys('*', null, 100)).keys)).toEqual(new Set(['coat', 'hat']))
    expect(await client.command(null, ['EXISTS', 'coat'])).toBe(1)
    native.disconnect()
    client.close()
  })
})

function text(reply: RedisReply): string {
  expect(reply).toBeInstanceOf(Uint8Array)
  return Buffer.from(reply as Uint8Array).toString()
}

function listen(client: RedisClient, channel: string) {
  const signs: string[] = []
  const changes = new EventTarget()
  const note = (sign: string) => {
    signs.push(sign)
    changes.dispatchEvent(new Event('sign'))
  }
  const subscription = client.subscribe([channel], {
    onMessage: message => note(message.join()),
    onLost: () => note('lost'),
    onHeard: () => note('heard'),
  })
  return {
    close: () => subscription.close(),
    async until(sign: string) {
      while (signs.shift() !== sign) if (signs.length === 0) await once(changes, 'sign')
    },
  }
}

async function openNative(native: unknown): Promise<void> {
  await (native as { connect(): Promise<unknown> }).connect()
}

function closeNative(native: unknown): void {
  const { destroy, disconnect } = native as { destroy?(): void; disconnect(): void }
  if (destroy === undefined) disconnect.call(native)
  else destroy.call(native)
}

describe.each(redisClients)(
  'connectRedisClient with $name, on a server that is loading',
  ({ connect }) => {
    it('is ready soon after that is', async () => {
      const args = ['--loading-process-events-interval-bytes', '1024', '--rdbcompression', 'no']
      const loading = await startRedis({ appendOnly: true, args })
      const { client, close } = connect(loading.url)
      await client.whenReady()
      const fill = "for n = 1, 400 do redis.call('SET', 'key:' .. n, string.rep('x', 100)) end"
      // Loaded last, so that the server thinks it has hardly begun when it is nearly done.
      const last = "redis.call('SELECT', '1') redis.call('SET', 'last', string.rep('x', 20000000))"
      await client.command(null, ['EVAL', `${fill} ${last}`, '0'])
      await client.command(null, ['BGREWRITEAOF'])
      const isWriting = async (): Promise<boolean> =>
        /aof_rewrite_in_progress:1/.test(
          String(await client.command(null, ['INFO', 'persistence'])),
        )
      await expect.poll(isWriting, { timeout: 5000 }).toBe(false)
      await loading.kill()
      const now = (): number => performance.now()
      const starting = loading.restart(['--key-load-delay', '5000']).then(now)
      const isReady = (): Promise<boolean> =>
        client.whenReady().then(
          () => true,
          () => false,
        )
      await expect.poll(isReady, { timeout: 15_000, interval: 25 }).toBe(true)
      expect(now() - (await starting)).toBeLessThan(1000)
      close()
      await loading.stop()
    })
  },
)
