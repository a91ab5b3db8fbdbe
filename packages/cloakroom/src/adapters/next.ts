import type { Engine } from '../web/engine.ts'
import { serveRequest } from '../web/fetch.ts'
import { createFetchHead } from '../web/fetch-head.ts'
import { beginHandling, type Handling } from '../web/handle.ts'
import { actionExchange, giveCookies, pageExchange, sparePage } from '../web/next.ts'
import type { NextAdapter, NextFunctions } from '../web/next-types.ts'
import { serveHandling } from '../web/serve.ts'

/** Makes the wrappers for the App Router. */
export function nextAdapter<Data extends object>(
  engine: Engine<Data>,
  { cookies, headers }: NextFunctions,
): NextAdapter {
  const pages = new WeakMap<object, Handling<Data>>()

  /** All components of one page share one session, read once. */
  async function findPage(): Promise<Handling<Data>> {
    const list = await headers()
    const handling = pages.get(list) ?? beginHandling(engine, pageExchange(list))
    pages.set(list, handling)
    return handling
  }

  return {
    route: (handler, options) => async (request, context) => {
      const head = createFetchHead()
      const run = () => handler(request, context)
      return serveRequest(engine, { request, handler: run, options, head }).catch(async error => {
        // Redirects are thrown in Next, past the response that would have carried the cookies.
        giveCookies(head, await cookies())
        throw error
      })
    },
    action:
      (run, options) =>
      async (...args) => {
        const [list, jar] = await Promise.all([headers(), cookies()])
        const head = createFetchHead()
        const handling = beginHandling(engine, actionExchange(list, args, head))
        try {
          return await serveHandling(handling, options, () => run(...args))
        } finally {
          handling.complete()
          giveCookies(head, jar)
        }
      },
    page: render => async props => {
      const handling = await findPage()
      return serveHandling(handling, {}, () => {
        if (handling.session.state !== 'unavailable') Object.freeze(handling.session.data)
        return render(props)
      })
    },
    proxy:
      (handler, options) =>
      (request, ...rest) => {
        const head = createFetchHead()
        const run = async () => sparePage(head, await handler(request, ...rest))
        const opening = { csrf: false, ...options }
        return serveRequest(engine, { request, handler: run, options: opening, head })
      },
  }
}
