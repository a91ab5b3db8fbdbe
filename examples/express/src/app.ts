import { fileURLToPath } from 'node:url'
import { type Cloakroom, type EventCounter, safeRedirectPath } from 'cloakroom'
import { errors, rateLimit, requireAuth } from 'cloakroom/express'
import express, { type Express, type Request, type RequestHandler } from 'express'
import { adminPage } from './pages/admin.ts'
import { homePage } from './pages/home.ts'
import { viewOf } from './pages/layout.ts'
import { notFoundPage, problemPage } from './pages/problem.ts'
import { sessionsPage } from './pages/sessions.ts'
import { registerPage, signInPage } from './pages/sign-in.ts'
import { changeCart, itemNames } from './shop.ts'
import type { Users } from './users.ts'

declare module 'cloakroom' {
  /** What a session of this application holds. */
  interface SessionData {
    visits?: number
    cart?: Map<string, number>
    note?: string
  }
}

/** What the application works with. */
export interface Services {
  readonly cloakroom: Cloakroom
  readonly users: Users
  readonly eventCounter: EventCounter
}

export function createApp(services: Services): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(express.static(fileURLToPath(new URL('../public', import.meta.url))))
  app.use(express.urlencoded({ limit: '10kb' }))
  app.use(services.cloakroom.express())
  addShop(app)
  addSignIn(app, services)
  addSessions(app)
  addAdmin(app, services)
  app.use((_request, response) => {
    response.status(404).send(notFoundPage(viewOf(response)))
  })
  app.use(
    errors({
      page: (facts, { originalUrl }, response) => problemPage(viewOf(response), facts, originalUrl),
    }),
  )
  return app
}

function addShop(app: Express): void {
  app.get('/', (request, response) => {
    const { data } = request.session
    data.visits = (data.visits ?? 0) + 1
    response.send(homePage(viewOf(response), data))
  })

  app.post('/cart', async (request, response) => {
    const item = itemNames.find(name => name === field(request, 'item'))
    const change = field(request, 'change') === 'add' ? 1 : -1
    if (item !== undefined) {
      await request.session.update(data => {
        changeCart(data, item, change)
      })
    }
    response.redirect(303, '/')
  })

  app.post('/note', (request, response) => {
    request.session.data.note = field(request, 'note').slice(0, 200)
    response.redirect(303, '/')
  })
}

function addSignIn(app: Express, { cloakroom, users }: Services): void {
  app.get('/sign-in', (request, response) => {
    const next = safeRedirectPath(request.query['next'])
    if (request.session.isAuthenticated) response.redirect(303, next)
    else response.send(signInPage(viewOf(response), { next }))
  })

  app.post('/sign-in', async (request, response) => {
    const name = field(request, 'name')
    const next = safeRedirectPath(field(request, 'next'))
    const password = field(request, 'password')
    const user = await cloakroom.checkPassword(name, () => users.verify(name, password))
    if (user === null) {
      const problem = 'The name or the password is wrong.'
      response.status(401).send(signInPage(viewOf(response), { name, next, problem }))
      return
    }
    await request.session.login(user, { remember: field(request, 'remember') === 'on' })
    response.redirect(303, next)
  })

  app.get('/register', (_request, response) => {
    response.send(registerPage(viewOf(response), {}))
  })

  app.post(
    '/register',
    checkRegistration,
    rateLimit('auth_register'),
    async (request, response) => {
      const name = field(request, 'name')
      const user = await users.register(name, field(request, 'password'))
      if (user === null) {
        const problem = 'That name is taken. Choose another one.'
        response.status(409).send(registerPage(viewOf(response), { name, problem }))
        return
      }
      await request.session.login(user)
      response.redirect(303, '/')
    },
  )

  app.post('/sign-out', async (request, response) => {
    await request.session.logout()
    response.redirect(303, '/')
  })
}

/** Refuses what nobody can be called, before it counts as an attempt to register. */
const checkRegistration: RequestHandler = (request, response, next) => {
  const name = field(request, 'name')
  const { length } = field(request, 'password')
  if (/^\w[\w.-]{1,30}\w$/.test(name) && length >= 8 && length <= 200) return next()
  const problem =
    'Choose a name of 3 to 32 letters and digits, and 8 characters or more as password.'
  response.status(422).send(registerPage(viewOf(response), { name, problem }))
}

function addSessions(app: Express): void {
  app.get('/sessions', requireAuth(), async (request, response) => {
    response.send(sessionsPage(viewOf(response), await request.session.list()))
  })

  app.post('/sessions/end', requireAuth(), async (request, response) => {
    await request.session.revoke(field(request, 'id'))
    response.redirect(303, request.session.isAuthenticated ? '/sessions' : '/')
  })

  app.post('/sessions/end-others', requireAuth(), async (request, response) => {
    await request.session.revokeOthers()
    response.redirect(303, '/sessions')
  })
}

function addAdmin(app: Express, { cloakroom, eventCounter }: Services): void {
  const { sessions } = cloakroom
  app.use('/admin', requireAuth('admin'))

  app.get('/admin', async (request, response) => {
    const cursor = request.query['cursor']
    const [page, keys, health] = await Promise.all([
      sessions.scan(typeof cursor === 'string' ? cursor : null, 20),
      sessions.countByKey(),
      cloakroom.checkHealth(),
    ])
    const events = eventCounter.counts()
    const ownId = request.session.id
    response.send(adminPage(viewOf(response), { ...page, ownId, keys, health, events }))
  })

  app.post('/admin/end', async (request, response) => {
    const { source } = request.session
    await sessions.revoke(field(request, 'id'), { source, reason: 'admin' })
    response.redirect(303, '/admin')
  })
}

/** A field of a form. Anybody may send it twice, or not at all. */
function field(request: Request, name: string): string {
  const value: unknown = request.body?.[name]
  return typeof value === 'string' ? value : ''
}
