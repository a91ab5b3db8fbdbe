import { describe, expect, it } from 'vitest'
import type { RedisReply } from './client.ts'
import type { Master } from './driver-connection.ts'
import { scanMasters } from './driver-scan.ts'

const request = { pattern: 'cr:*', cursor: null, count: 10, prefix: '' }

/** A master that answers with these replies in turn, and notes what it was asked. */
function masterOf(name: string, ...replies: RedisReply[]): Master & { asked: unknown[] } {
  const asked: unknown[] = []
  return {
    name,
    asked,
    send: async args => {
      asked.push(args)
      return replies.shift() ?? null
    },
    listen: () => Promise.reject(new Error('Not asked for.')),
  }
}

const page = (cursor: string, ...keys: string[]): RedisReply => [
  Buffer.from(cursor),
  keys.map(key => Buffer.from(key)),
]

describe('scanMasters', () => {
  it('goes from master to master in the order of their names', async () => {
    const second = masterOf('b:1', page('0', 'cr:3'))
    const first = masterOf('a:1', page('7', 'cr:1'), page('0', 'cr:2'))
    const found: string[] = []
    let cursor: string | null = null
    do {
      const next = await scanMasters([second, first], { ...request, cursor })
      found.push(...next.keys)
      cursor = next.cursor
    } while (cursor !== null)
    expect(found).toEqual(['cr:1', 'cr:2', 'cr:3'])
    expect(first.asked).toEqual([
      ['SCAN', '0', 'MATCH', 'cr:*', 'COUNT', '10'],
      ['SCAN', '7', 'MATCH', 'cr:*', 'COUNT', '10'],
    ])
  })

  it('goes on with the next master when one is lost, and ends when all later ones are', async () => {
    const first = masterOf('a:1', page('7', 'cr:1'))
    const second = masterOf('b:1', page('0', 'cr:2'))
    const { cursor } = await scanMasters([first, second], request)
    expect(await scanMasters([second], { ...request, cursor })).toEqual({
      keys: ['cr:2'],
      cursor: null,
    })
    const early = masterOf('A:0', page('0', 'cr:3'))
    expect(await scanMasters([early], { ...request, cursor })).toEqual({ keys: [], cursor: null })
  })

  it('takes a prefix of the client for text and leaves it out of the names', async () => {
    const master = masterOf('a:1', page('0', 'app[1]*:cr:1'))
    const { keys } = await scanMasters([master], { ...request, prefix: 'app[1]*:' })
    expect(keys).toEqual(['cr:1'])
    expect(master.asked[0]).toContain('app\\[1\\]\\*:cr:*')
  })

  it.each<[string, RedisReply]>([
    ['nothing', null],
    ['a number for a cursor', [0, []]],
    ['no list of keys', [Buffer.from('0'), 1]],
  ])('refuses an answer with %s', async (_name, reply) => {
    const scanning = scanMasters([masterOf('a:1', reply)], request)
    await expect(scanning).rejects.toMatchObject({ code: 'ERR_STORE_REPLY' })
  })
})
