import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { addAmounts, readCounters } from '../../../../../test/fixtures/scripts.generated.ts'
import { type ConnectedClient, redisClients } from '../../../../../test/support/redis-clients.ts'
import { type RedisServer, startRedis } from '../../../../../test/support/redis-server.ts'
import { createScriptRunner, type Script, type ScriptRunner } from './script.ts'

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

const keys = { counter: '{a}:counter', noteKey: '{a}:note' }

describe.each(redisClients)('createScriptRunner with $name', ({ connect }) => {
  let connected: ConnectedClient
  let runner: ScriptRunner
  beforeEach(async () => {
    connected = connect(redis.url)
    runner = createScriptRunner(connected.client)
    await runner.command(null, ['FLUSHALL'])
    await runner.command(null, ['SCRIPT', 'FLUSH'])
  })
  afterEach(() => connected.close())

  it('passes keys and arguments by name, and answers with bytes', async () => {
    const input = { ...keys, limit: 100, note: 'coat', amounts: [1, 2, 3.0] }
    expect(await runner.run(addAmounts, input)).toEqual([6, Buffer.from('coat')])
    const refused = await runner.run(addAmounts, { ...input, amounts: [1000] })
    expect(refused).toEqual(Buffer.from('refused'))
  })

  it('passes bytes as they are', async () => {
    const note = new Uint8Array([0, 128, 255, 13, 10])
    const reply = await runner.run(addAmounts, { ...keys, limit: 1, note, amounts: [] })
    expect(reply).toEqual([0, Buffer.from(note)])
  })

  it('passes a list of keys', async () => {
    await runner.command('{a}:2', ['SET', '{a}:2', 'x'])
    const counters = ['{a}:1', '{a}:2', '{a}:3']
    expect(await runner.run(readCounters, { counters })).toEqual([null, Buffer.from('x'), null])
  })

  it('passes numbers as plain decimals', async () => {
    const numbers = [0, -7, 1_767_225_600_000, Number.MAX_SAFE_INTEGER, 0.25, 1e-7]
    const note = (value: number) =>
      runner.run(addAmounts, { ...keys, limit: 0, note: value, amounts: [] })
    const notes = []
    for (const number of numbers) notes.push(await note(number))
    expect(notes.map(reply => String(Array.isArray(reply) ? reply[1] : reply))).toEqual([
      '0',
      '-7',
      '1767225600000',
      '9007199254740991',
      '0.25',
      '0.00000010000000000000',
    ])
  })

  it('runs a script the server has forgotten', async () => {
    const input = { ...keys, limit: 100, note: 'coat', amounts: [1] }
    await runner.run(addAmounts, input)
    await runner.command(null, ['SCRIPT', 'FLUSH'])
    expect(await runner.run(addAmounts, input)).toEqual([2, Buffer.from('coat')])
  })

  it('fails none of many calls while scripts are flushed', async () => {
    const input = { ...keys, limit: 100_000, note: 'coat', amounts: [1] }
    for (let round = 0; round < 20; round += 1) {
      const calls = Array.from({ length: 50 }, () => runner.run(addAmounts, input))
      await Promise.all([...calls, runner.command(null, ['SCRIPT', 'FLUSH'])])
    }
    expect(await runner.run(readCounters, { counters: [keys.counter] })).toEqual([
      Buffer.from('1000'),
    ])
  })

  it('reports what the server refuses, without the command', async () => {
    await runner.command(keys.counter, ['LPUSH', keys.counter, 'x'])
    const input = { ...keys, limit: 1, note: 'secret', amounts: [] }
    const error = await runner.run(addAmounts, input).catch(thrown => thrown)
    expect(error).toMatchObject({
      code: 'ERR_STORE_REPLY',
      message: expect.stringContaining('WRONGTYPE'),
    })
    expect(error.cause).toBeUndefined()
    const unknown = await runner.command(null, ['NOSUCH', 'secret']).catch(thrown => thrown)
    expect(unknown.message).toMatch(/unknown command .NOSUCH./i)
    expect(unknown.message).not.toContain('secret')
  })

  it('scans', async () => {
    await runner.command('a', ['SET', 'a', '1'])
    expect(await runner.scanKeys('*', null, 100)).toEqual({ keys: ['a'], cursor: null })
  })
})

describe('createScriptRunner', () => {
  const script: Script<'key', 'arg', never, 'rest'> = {
    name: 'none',
    sha1: '0'.repeat(40),
    keys: ['key'],
    args: ['arg'],
    restKeys: undefined,
    restArgs: 'rest',
    source: '',
  }

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53])('refuses to send %s', arg => {
    const { client } = redisClients[0]?.connect(redis.url) ?? expect.fail()
    const runner = createScriptRunner(client)
    expect(() => runner.run(script, { key: 'a', arg, rest: [] })).toThrow(/cannot take/)
  })

  it('refuses a parameter that was left out', () => {
    const { client } = redisClients[0]?.connect(redis.url) ?? expect.fail()
    const runner = createScriptRunner(client)
    const input = { key: 'a', rest: [] } as unknown as { key: string; arg: string; rest: string[] }
    expect(() => runner.run(script, input)).toThrow(/is undefined/)
    const noRest = { key: 'a', arg: 'b' } as unknown as typeof input
    expect(() => runner.run(script, noRest)).toThrow(/rest must be a list/)
  })
})
