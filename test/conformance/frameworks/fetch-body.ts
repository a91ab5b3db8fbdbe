import type { Kit, Route } from '../kit.ts'

/** The body of a Request as the suite wants it: JSON or a form. */
export async function readBody(request: Request): Promise<Kit['body']> {
  const type = request.headers.get('content-type') ?? ''
  if (type.startsWith('application/json')) return (await request.json()) as Kit['body']
  if (request.body === null || type === '') return {}
  return Object.fromEntries(await request.formData())
}

/** The part of a kit that answers with Responses, and what they carry besides. */
export function createAnswers(): Pick<
  Kit,
  'setHeader' | 'addCookie' | 'text' | 'json' | 'redirect' | 'empty' | 'stream' | 'raw'
> {
  const headers = new Headers()
  const answer = (
    body: string | ReadableStream | null,
    status: number,
    type?: string,
  ): Response => {
    if (type !== undefined) headers.set('content-type', type)
    return new Response(body, { status, headers })
  }
  return {
    setHeader: (name, value) => headers.set(name, value),
    addCookie: line => headers.append('set-cookie', line),
    text: body => answer(body, 200, 'text/plain'),
    json: value => answer(JSON.stringify(value), 200, 'application/json'),
    redirect(path) {
      headers.set('location', path)
      return answer(null, 302)
    },
    empty: status => answer(null, status),
    stream: (pieces, type) => answer(toStream(pieces), 200, type),
    raw: (body, list) => new Response(body, { headers: list }),
  }
}

/** A body that is sent piece by piece. */
function toStream(pieces: AsyncIterable<string>): ReadableStream<Uint8Array> {
  return ReadableStream.from(pieces).pipeThrough(new TextEncoderStream())
}

/** The route that a request is for. */
export function findRoute(
  routes: readonly Route[],
  method: string,
  path: string,
): Route | undefined {
  const meant = method === 'HEAD' ? 'GET' : method
  return routes.find(route => route.method === meant && route.path === path)
}
