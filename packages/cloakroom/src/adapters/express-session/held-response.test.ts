import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it, onTestFinished } from 'vitest'
import { holdResponse, type ResponseHold } from './held-response.ts'

const slowly = async () => {
  await delay(15)
}

/** Serves one response, held, and gives it as it arrived. */
async function respond(
  send: (response: ServerResponse) => void,
  hold: Partial<ResponseHold> = {},
  before: (response: ServerResponse) => void = () => undefined,
): Promise<Response & { readonly content: string }> {
  const server = createServer((_request, response) => {
    before(response)
    holdResponse(response, {
      beforeHead: slowly,
      completeHead: () => response.appendHeader('Set-Cookie', 'ours=1'),
      beforeEnd: slowly,
      onError: error => response.writeHead(500).end(String(error)),
      ...hold,
    })
    send(response)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  return Object.assign(answer, { content: await answer.text() })
}

describe('holdResponse', () => {
  const heads: [string, (response: ServerResponse) => void][] = [
    ['an object', response => response.writeHead(201, { 'Set-Cookie': ['a=1', 'b=2'], 'X-N': 7 })],
    [
      'a flat list',
      response => response.writeHead(201, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-N', '7']),
    ],
    [
      'pairs',
      response => {
        const pairs = [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
          ['X-N', '7'],
        ]
        response.writeHead(201, 'Made', pairs as never)
      },
    ],
  ]
  it.each(heads)('adds to headers that come with writeHead as %s', async (_form, writeHead) => {
    const answer = await respond(response => {
      response.setHeader('Set-Cookie', 'replaced=1')
      response.setHeader('X-Kept', '1')
      writeHead(response)
      response.end('body')
    })
    expect(answer.status).toBe(201)
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2', 'ours=1'])
    expect([answer.headers.get('x-n'), answer.headers.get('x-kept')]).toEqual(['7', '1'])
    expect(answer.content).toBe('body')
  })

  it('keeps the reason', async () => {
    const answer = await respond(response => response.writeHead(200, 'Just fine').end())
    expect(answer.statusText).toBe('Just fine')
  })

  it('refuses at once what Node refuses', async () => {
    const answer = await respond(response => {
      expect(() => response.writeHead(42)).toThrow(RangeError)
      response.end('still there')
    })
    expect([answer.status, answer.content]).toEqual([200, 'still there'])
  })

  it.each<[string, () => Promise<void> | null]>([
    ['waits', slowly],
    ['does not wait', () => null],
  ])('passes a stream on when its hold %s', async (_how, before) => {
    const parts = Array.from({ length: 200 }, (_, index) => `${index} `.repeat(500))
    const answer = await respond(response => Readable.from(parts).pipe(response), {
      beforeHead: before,
      beforeEnd: before,
    })
    expect(answer.content).toBe(parts.join(''))
    expect(answer.headers.getSetCookie()).toEqual(['ours=1'])
  })

  it('calls back and says what fits', async () => {
    const said: unknown[] = []
    const answer = await respond(response => {
      said.push(response.write('a', () => said.push('written')))
      response.once('drain', () => {
        said.push('drained')
        said.push(response.end('b', () => said.push('ended')) === response)
      })
    })
    expect(answer.content).toBe('ab')
    await expect.poll(() => said).toEqual([false, 'drained', true, 'written', 'ended'])
  })

  it('says which call ends it', async () => {
    const kinds: boolean[] = []
    const beforeHead = (isEnd: boolean) => {
      kinds.push(isEnd)
      return null
    }
    await respond(response => response.end('x'), { beforeHead })
    await respond(response => response.writeHead(200).end('x'), { beforeHead })
    expect(kinds).toEqual([true, false])
  })

  it('drops what is written after the end', async () => {
    const answer = await respond(response => {
      response.end('first')
      expect(response.writableEnded).toBe(true)
      expect(response.write('second')).toBe(false)
      response.end('third')
    })
    expect(answer.content).toBe('first')
  })

  it('forgets what is changed once the response is sent', async () => {
    const answer = await respond(response => {
      response.statusCode = 202
      response.end('x')
      response.statusCode = 500
      expect(response.headersSent).toBe(true)
      expect(() => response.setHeader('Content-Length', '99')).toThrow(/after they are sent/)
      expect(() => response.writeHead(404)).toThrow(/after they are sent/)
    })
    expect([answer.status, answer.content]).toEqual([202, 'x'])
  })

  it('leaves methods that others replaced as they were', async () => {
    const names: unknown[] = []
    const answer = await respond(
      response => response.end('x'),
      {},
      response => {
        const { setHeader } = response
        response.setHeader = (name, value) => {
          names.push(name)
          return setHeader.call(response, name, value)
        }
      },
    )
    expect(answer.content).toBe('x')
    expect(names).toEqual(['Set-Cookie'])
  })

  const failures: [string, () => Promise<void> | null][] = [
    ['is rejected', () => Promise.reject(new Error('on fire'))],
    [
      'throws',
      () => {
        throw new Error('on fire')
      },
    ],
  ]
  it.each(failures)('empties the response when its hold %s', async (_how, beforeHead) => {
    const answer = await respond(
      response => {
        response.writeHead(201, 'Made', { 'X-Saved': 'yes' })
        response.end('saved')
      },
      { beforeHead },
      response => response.setHeader('X-Before', 'yes'),
    )
    expect([answer.status, answer.content]).toEqual([500, 'Error: on fire'])
    expect(answer.statusText).toBe('Internal Server Error')
    expect(answer.headers.get('x-saved')).toBeNull()
    expect(answer.headers.get('x-before')).toBe('yes')
    expect(answer.headers.getSetCookie()).toEqual([])
  })

  it('lets nobody add to the response that took the place of a failed one', async () => {
    const said: unknown[] = []
    const answer = await respond(
      response => {
        response.write('first')
        setTimeout(() => said.push(response.write('late'), response.end('later') === response), 20)
      },
      { beforeHead: () => Promise.reject(new Error('on fire')) },
    )
    expect(answer.content).toBe('Error: on fire')
    await expect.poll(() => said).toEqual([false, true])
  })

  it('tells of a part that Node does not take', async () => {
    const answer = await respond(response => response.end(7 as never))
    expect(answer.status).toBe(500)
    expect(answer.content).toMatch(/TypeError/)
  })

  it('breaks a response off that failed under way', async () => {
    const errors: unknown[] = []
    const sending = respond(
      response => {
        response.write('first')
        response.end('last')
      },
      {
        beforeEnd: () => Promise.reject(new Error('on fire')),
        onError: error => errors.push(error),
      },
    )
    await expect(sending).rejects.toThrow()
    expect(errors).toEqual([new Error('on fire')])
  })
})
