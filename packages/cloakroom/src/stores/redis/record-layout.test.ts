import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { redisClients } from '../../../../../test/support/redis-clients.ts'
import { type RedisServer, startRedis } from '../../../../../test/support/redis-server.ts'
import { createKeyring } from '../../crypto/keyring.ts'
import type { SessionRecord } from '../../sessions/store.ts'
import { headLength, packHead, packRecord, packTimes, readRecord } from './record-layout.ts'

const key = createKeyring('Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e', { name: 'secret' }).newest
const record: SessionRecord = {
  id: 'AAAbbbbbbbbbcccccccccc',
  keyId: key.id,
  generation: 7,
  digest: Uint8Array.from({ length: 16 }, (_, index) => index * 16),
  idleMs: 3_600_000,
  absoluteMs: 43_200_000,
  createdAt: Date.UTC(2026, 0, 1),
  seenAt: Date.UTC(2026, 0, 1) + 90_061,
  epoch: 300,
  sealed: Uint8Array.of(0x80, 1, 2, 3),
}

const seconds = fc.integer({ min: 1, max: 400 * 86_400 }).map(count => count * 1000)
const records: fc.Arbitrary<SessionRecord> = fc
  .record({
    generation: fc.integer({ min: 1, max: 0xffffffff }),
    digest: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    idleMs: seconds,
    absoluteMs: seconds,
    createdAt: fc.integer({ min: 0, max: 2 ** 47 }),
    after: fc.integer({ min: 0, max: 400 * 86_400_000 }),
    epoch: fc.integer({ min: 0, max: 0xffffff }),
    sealed: fc.uint8Array({ maxLength: 100 }),
  })
  .map(({ after, ...parts }) => ({
    ...parts,
    id: record.id,
    keyId: record.keyId,
    seenAt: parts.createdAt + after,
  }))

describe('packRecord and readRecord', () => {
  it('give every record back as it was', () => {
    fc.assert(
      fc.property(records, given => {
        const read = readRecord(given.id, packRecord(given))
        expect(read).toMatchObject({ ok: true })
        if (!read.ok) return
        expect({ ...read.record, digest: [...read.record.digest] }).toMatchObject({
          ...given,
          digest: [...given.digest],
          sealed: expect.anything(),
        })
        expect(Buffer.from(read.record.sealed).equals(given.sealed)).toBe(true)
      }),
    )
  })

  it('notice any other byte among the numbers that no seal protects', () => {
    const value = packRecord(record)
    for (let at = headLength; at < headLength + 16; at += 1) {
      for (let change = 1; change < 256; change += 1) {
        const changed = Uint8Array.from(value)
        changed[at] = (changed[at] ?? 0) ^ change
        expect(readRecord(record.id, changed)).toEqual({ ok: false, reason: 'corrupt' })
      }
    }
  })

  it('notice every cut through what is not sealed', () => {
    const value = packRecord(record)
    for (let length = 0; length < headLength + 16; length += 1) {
      expect(readRecord(record.id, value.subarray(0, length))).toMatchObject({ ok: false })
    }
  })

  it('tell a format that is newer from one that never was', () => {
    const value = packRecord(record)
    expect(readRecord(record.id, Buffer.from([2, ...value.subarray(1)]))).toEqual({
      ok: false,
      reason: 'newer-format',
    })
    expect(readRecord(record.id, Buffer.from([0, ...value.subarray(1)]))).toEqual({
      ok: false,
      reason: 'corrupt',
    })
  })

  it('put everything in its place', () => {
    const digest = Buffer.from(record.digest).toString('hex')
    const head = `01 ${record.keyId} 00000007 00000e10 0000a8c0 ${digest}`
    expect(Buffer.from(packHead(record)).toString('hex')).toBe(head.replaceAll(' ', ''))
    const times = Buffer.from(packTimes(record.createdAt, record.seenAt, record.epoch))
    expect(times.readUIntBE(0, 6)).toBe(record.createdAt)
    expect(times.readUIntBE(6, 5)).toBe(90_061)
    expect(times.readUIntBE(11, 3)).toBe(300)
  })
})

describe('the layout in Lua', () => {
  let redis: RedisServer
  beforeAll(async () => {
    redis = await startRedis()
  })
  afterAll(() => redis.stop())

  it('is the same', async () => {
    const { readFile } = await import('node:fs/promises')
    const layout = await readFile(new URL('./lua/include/record.lua', import.meta.url), 'utf8')
    const [factory] = redisClients
    if (factory === undefined) throw new Error('There is no client.')
    const { client, close } = factory.connect(redis.url)
    await client.whenReady()
    const script = `${layout}
      local created, seen, epoch, idle, absolute, generation = unpack_record(ARGV[1])
      if not created then return { 'damaged' } end
      local times = pack_times(created, seen, epoch)
      return { tostring(idle), tostring(absolute), tostring(generation), times }`
    const samples = fc.sample(records, 200)
    for (const sample of samples) {
      const value = packRecord(sample)
      const reply = await client.command(null, ['EVAL', script, '0', value])
      const [idle, absolute, generation, times] = reply as Uint8Array[]
      expect(Number(idle)).toBe(sample.idleMs)
      expect(Number(absolute)).toBe(sample.absoluteMs)
      expect(Number(generation)).toBe(sample.generation)
      expect(Buffer.from(times ?? []).equals(value.subarray(headLength, headLength + 16))).toBe(
        true,
      )
      value[headLength + 3] = (value[headLength + 3] ?? 0) ^ 1
      const damaged = await client.command(null, ['EVAL', script, '0', value])
      expect(String((damaged as Uint8Array[])[0])).toBe('damaged')
    }
    close()
  })
})
