import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import {
  type Cloakroom,
  type CloakroomOptions,
  createCloakroom,
  type SecurityEvent,
} from 'cloakroom'
import { errors, requireAuth } from 'cloakroom/express'
import express, { type Express } from 'express'
import { createHttpClient, type HttpClient } from './http-client.ts'

/** A small application with everything the attack tests need. */
export interface RunningApp {
  readonly cloakroom: Cloakroom
  readonly events: SecurityEvent[]
  readonly origin: string
  newClient(): HttpClient
  close(): void
}

/** Starts it on a free port. */
export function startExpressApp(
  options: CloakroomOptions = {},
  mount: (app: Express) => void = () => undefined,
): RunningApp {
  const cloakroom = createCloakroom({ audit: false, env: {}, ...options })
  const events: SecurityEvent[] = []
  cloakroom.events.on(event => events.push(event))
  const app = express()
  app.use(express.json(), express.urlencoded())
  app.use(cloakroom.express())
  mount(app)
  app.get('/public', (_request, response) => {
    response.send('hello')
  })
  app.get('/form', (_request, response) => {
    response.send(response.locals['csrfToken']())
  })
  app.get('/get', (request, response) => {
    response.json({ user: request.session.user?.id ?? null, data: request.session.data })
  })
  app.post('/set', (request, response) => {
    Object.assign(request.session.data, request.body)
    response.json(request.session.data)
  })
  app.post('/login', async (request, response) => {
    const { user, remember = false } = request.body
    await request.session.login({ id: user }, { remember })
    response.redirect('/get')
  })
  app.post('/logout', async (request, response) => {
    await request.session.logout()
    response.redirect('/get')
  })
  app.post('/rotate', async (request, response) => {
    await request.session.rotate()
    response.json({ id: request.session.id })
  })
  app.get('/me', requireAuth(), (request, response) => {
    response.json(request.session.user)
  })
  app.use(errors())
  const server: Server = app.listen(0)
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    cloakroom,
    events,
    origin,
    newClient: () => createHttpClient(origin),
    close() {
      server.close()
      server.closeAllConnections()
      cloakroom.close()
    },
  }
}
