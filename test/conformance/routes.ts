import { setTimeout as delay } from 'node:timers/promises'
import {
  ConfigError,
  getCsrfToken,
  getCurrentSession,
  getCurrentUser,
  loginUser,
  logoutUser,
} from 'cloakroom'
import type { Data, GuardCall, Kit, Route } from './kit.ts'

/** The application that every framework serves. */
export const routes: readonly Route[] = [
  get('/public', kit => kit.text('hello')),
  get('/get', kit => kit.json(view(kit))),
  get('/load', async kit => {
    await kit.session.load()
    return kit.json(view(kit))
  }),
  get('/set', kit => {
    write(kit)
    return kit.json(view(kit))
  }),
  get('/slow', async kit => {
    const { data } = kit.session
    await delay(Number(kit.query.get('ms')))
    data[kit.query.get('k') ?? ''] = kit.query.get('v')
    return kit.json(data)
  }),
  get('/count', async kit => kit.json((await kit.session.list()).length)),
  get('/token', kit => kit.text(getCsrfToken())),
  post('/login', async kit => {
    const { user, role = 'user', remember, ms, actor } = kit.body as Record<string, string>
    if (ms !== undefined) await delay(Number(ms))
    const instead = actor && ({ actor: { id: actor }, lifetime: '30m', methods: [] } as const)
    await loginUser(
      { id: String(user), role },
      { remember: remember !== undefined, ...(instead || {}) },
    )
    return kit.redirect('/get')
  }),
  post('/logout', async kit => {
    await logoutUser()
    return kit.redirect('/public')
  }),
  post('/rotate', async kit => {
    await kit.session.rotate()
    return kit.json(view(kit))
  }),

  get('/cookies/before', kit => {
    kit.addCookie('other=1; Path=/')
    write(kit)
    return kit.text('done')
  }),
  get('/cookies/after', kit => {
    write(kit)
    kit.addCookie('other=1; Path=/')
    return kit.text('done')
  }),
  get('/cookies/two', kit => {
    kit.addCookie('other=1; Path=/')
    write(kit)
    kit.addCookie('another=2; Path=/; Expires=Thu, 01 Jan 2037 00:00:00 GMT')
    return kit.text('done')
  }),
  get('/cookies/redirect', kit => {
    kit.addCookie('other=1; Path=/')
    write(kit)
    return kit.redirect('/get')
  }),
  get('/cookies/raw', kit => {
    write(kit)
    return kit.raw('done', [
      ['Set-Cookie', 'other=1; Path=/'],
      ['Set-Cookie', 'another=2; Path=/'],
      ['Cache-Control', 'public, max-age=60'],
    ])
  }),

  get('/stream', kit => {
    write(kit)
    return kit.stream(pieces('one ', 'two ', 'three'), 'text/plain')
  }),
  get('/events', kit => {
    write(kit)
    return kit.stream(pieces('data: 1\n\n', 'data: 2\n\n'), 'text/event-stream')
  }),
  get('/late', kit => kit.stream(lateChange(kit.session), 'text/plain')),
  get('/etag', kit => {
    kit.setHeader('ETag', '"1"')
    return kit.header('if-none-match') === '"1"' ? kit.empty(304) : kit.text('fresh')
  }),
  get('/throw', kit => {
    write(kit)
    throw new Error('A mistake in a handler.')
  }),
  get('/begun', kit => {
    write(kit)
    kit.setHeader('X-Begun', 'yes')
    kit.addCookie('other=1; Path=/')
    return kit.redirect('/get')
  }),
  get('/cache/public', kit => {
    kit.setHeader('Cache-Control', 'public, max-age=60')
    return kit.json(view(kit))
  }),
  get('/cache/private', kit => {
    kit.setHeader('Cache-Control', 'private, max-age=60')
    return kit.json(view(kit))
  }),
  get('/cache/asset', kit => {
    kit.setHeader('Cache-Control', 'public, max-age=60')
    return kit.text('asset')
  }),
  get('/deep', async kit => kit.json(await nameFromDeep())),
  post('/deep', async kit => kit.json(await nameFromDeep())),

  get('/member', kit => kit.json(getCurrentUser()), ['requireAuth']),
  get('/admin', kit => kit.text('admin'), call('requireAuth', 'admin')),
  get('/editor', kit => kit.text('editor'), call('requirePermission', 'cart:edit')),
  get('/fresh', kit => kit.text('fresh'), call('fresh', '5m')),
  get('/limited', kit => kit.text('limited'), call('rateLimit', 'twice')),
  post('/checked', kit => kit.text('checked'), ['csrf']),
  get('/poll', kit => kit.json(view(kit)), ['passive']),
  get('/sensitive', kit => kit.json(view(kit)), ['sensitive']),
  get('/tolerant', kit => kit.json(view(kit)), call('onUnavailable', 'anonymous')),
]

function get(path: string, handler: Route['handler'], ...guards: GuardCall[]): Route {
  return { method: 'GET', path, guards, handler }
}

function post(path: string, handler: Route['handler'], ...guards: GuardCall[]): Route {
  return { method: 'POST', path, guards, handler }
}

function call(name: GuardCall[0], ...args: unknown[]): GuardCall {
  return [name, ...(args as never[])]
}

function view({ session }: Kit): { user: string | null; data: Data } {
  return { user: session.user?.id ?? null, data: session.data }
}

function write({ session, query }: Kit): void {
  session.data[query.get('k') ?? 'k'] = query.get('v') ?? 'v'
}

async function* pieces(...texts: string[]): AsyncGenerator<string> {
  for (const text of texts) {
    yield text
    await delay(5)
  }
}

/** What somebody is told who signs a user in when the headers have left. */
async function* lateChange(session: Kit['session']): AsyncGenerator<string> {
  yield 'begun '
  await delay(20)
  try {
    await session.login({ id: 'late' })
    yield 'changed'
  } catch (error) {
    yield error instanceof ConfigError ? error.code : String(error)
  }
}

/** Asks for the session far from any request object, after some waiting. */
async function nameFromDeep(): Promise<string | null> {
  await delay(1)
  return getCurrentSession().user?.id ?? null
}
