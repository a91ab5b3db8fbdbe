import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { type HeadHold, holdHead } from './hold-head.ts'

let server: Server

/** Serves one handler whose responses are held. */
async function serve(
  hold: Partial<HeadHold> | ((response: ServerResponse) => Partial<HeadHold>),
  handler: (response: ServerResponse) => unknown,
): Promise<() => Promise<Response>> {
  server = createServer((_request, response) => {
    response.setHeader('x-before', '1')
    holdHead(response, {
      save: () => null,
      complete: () => response.setHeader('x-complete', 'yes'),
      onError: error => response.writeHead(503).end(String(error)),
      ...(typeof hold === 'function' ? hold(response) : hold),
    })
    handler(response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const { port } = server.address() as AddressInfo
  return () => fetch(`http://127.0.0.1:${port}`)
}

/** Something to save that takes until the next turn. */
const later = async (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5))

afterEach(() => {
  server.closeAllConnections()
  server.close()
})

describe('holdHead', () => {
  it.each([
    ['at once', () => null],
    ['after waiting', later],
  ])('sends everything in order, %s', async (_when, save) => {
    const send = await serve({ save }, response => {
      response.writeHead(201, 'Made', { 'x-own': 'a' })
      response.write('one ')
      response.end('two')
    })
    const answer = await send()
    expect([answer.status, answer.statusText, await answer.text()]).toEqual([
      201,
      'Made',
      'one two',
    ])
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      'x-before': '1',
      'x-own': 'a',
      'x-complete': 'yes',
    })
  })

  it.each([
    ['an object', { 'Cache-Control': 'public' }],
    ['a list', ['Cache-Control', 'public']],
    ['pairs', [['Cache-Control', 'public']]],
  ])('shows the headers that writeHead was given as %s before they leave', async (_how, given) => {
    const seen: unknown[] = []
    const send = await serve(
      response => ({ complete: () => seen.push(response.getHeader('cache-control')) }),
      response => response.writeHead(200, given as never).end(),
    )
    await send()
    expect(seen).toEqual(['public'])
  })

  it('keeps each of several lines of one name', async () => {
    const send = await serve({}, response => {
      response.writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2']).end()
    })
    expect((await send()).headers.getSetCookie()).toEqual(['a=1', 'b=2'])
  })

  it('looks sent while it is held, so that a second answer fails as usual', async () => {
    const problems: unknown[] = []
    const send = await serve({ save: later }, response => {
      response.setHeader('content-length', '5')
      response.end('first')
      problems.push(response.headersSent)
      for (const change of [
        () => response.setHeader('content-length', '99'),
        () => response.removeHeader('content-length'),
        () => response.appendHeader('x-late', '1'),
      ]) {
        try {
          change()
        } catch (error) {
          problems.push((error as { code: string }).code)
        }
      }
      response.statusCode = 500
    })
    const answer = await send()
    expect(problems).toEqual([true, ...Array(3).fill('ERR_HTTP_HEADERS_SENT')])
    expect([answer.status, await answer.text()]).toEqual([200, 'first'])
  })

  it('gives back methods that others had put on the response', async () => {
    const names: string[] = []
    const send = await serve({ save: later }, response => {
      const { setHeader } = response
      response.setHeader = (name, value) => {
        names.push(name)
        return setHeader.call(response, name, value)
      }
      response.end('x')
    })
    expect((await send()).headers.get('x-complete')).toBe('yes')
    expect(names).toEqual(['x-complete'])
  })

  it('tells writers that wait that they may go on', async () => {
    const send = await serve({ save: later }, response => {
      expect(response.write('one ')).toBe(false)
      response.once('drain', () => response.end('two'))
    })
    expect(await (await send()).text()).toBe('one two')
  })

  it('starts anew with an error, and holds that answer as well', async () => {
    const calls: string[] = []
    const send = await serve(
      response => ({
        async save() {
          calls.push('save')
          if (calls.length === 1) throw new Error('not saved')
        },
        onError(error) {
          calls.push(String(error))
          response.end('sorry')
        },
      }),
      response => response.writeHead(200, { 'x-own': 'a', 'set-cookie': 'a=1' }).end('done'),
    )
    const answer = await send()
    expect(await answer.text()).toBe('sorry')
    expect(answer.headers.get('x-before')).toBe('1')
    expect(answer.headers.get('x-own')).toBeNull()
    expect(answer.headers.getSetCookie()).toEqual([])
    expect(calls).toEqual(['save', 'Error: not saved', 'save'])
  })

  it('may hold a response twice, the first hold last, with others in between', async () => {
    const order: string[] = []
    const send = await serve(
      { save: async () => void order.push('outer'), complete: () => order.push('complete outer') },
      response => {
        const save = async () => void order.push('inner')
        const complete = () => order.push('complete inner')
        const { end } = response
        Object.assign(response, {
          end: (text: string) => {
            order.push('between')
            return end.call(response, text, 'utf8')
          },
        })
        holdHead(response, { save, complete, onError: () => undefined })
        response.writeHead(201).end('x')
      },
    )
    expect([(await send()).status, ...order]).toEqual([
      201,
      'inner',
      'complete inner',
      'outer',
      'between',
      'complete outer',
    ])
  })

  it('breaks the connection when what was held cannot be sent', async () => {
    const send = await serve({ save: later }, response => {
      response.end(Symbol('no body') as never)
    })
    await expect(send()).rejects.toThrow()
  })
})
