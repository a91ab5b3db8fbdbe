import { afterEach, describe, expect, it } from 'vitest'
import { type Consumer, createConsumer, runNode } from '../support/consumer.ts'

/** A program for express-session, in which nothing but the name of the package was replaced. */
const application = `
import session, { MemoryStore } from 'cloakroom/express-session'
import express from 'express'

declare module 'cloakroom/express-session' {
  interface SessionData {
    views: number
    user: { id: string }
  }
}
type IsAny<Type> = 0 extends 1 & Type ? true : false

const options: session.SessionOptions = {
  secret: ['a text', Buffer.from('bytes')],
  name: 'sid',
  resave: false,
  saveUninitialized: false,
  rolling: true,
  unset: 'destroy',
  proxy: undefined,
  cookie: { maxAge: 60_000, sameSite: 'lax', secure: 'auto', priority: 'high', partitioned: true },
  genid: (request: express.Request) => request.ip ?? '',
  store: new MemoryStore(),
}
class OwnStore extends session.Store {
  override get(
    sid: string,
    callback: (error: any, data?: session.SessionData | null) => void,
  ): void {
    callback(null, null)
  }
  override set(sid: string, data: session.SessionData, callback?: (error?: any) => void): void {
    callback?.()
  }
  override destroy(sid: string, callback?: (error?: any) => void): void {
    callback?.()
  }
}
const app = express()
app.use(session(options))
app.use(session({ secret: 'a', cookie: request => ({ path: request.url ?? '/' }) }))
app.use(session({ secret: 'a', cookie: (request: express.Request) => ({ secure: request.secure }) }))
app.use(session({ secret: 'a', store: new OwnStore() }))
app.get('/', (request, response, next) => {
  const { views, cookie } = request.session
  const isAny: [IsAny<typeof request.session>, IsAny<typeof views>] = [false, false]
  request.session.views = (views ?? 0) + 1
  // @ts-expect-error: misspelt.
  request.session.veiws = 1
  // @ts-expect-error: not of the declared type.
  request.session.views = 'one'
  const left: number | undefined = cookie.maxAge
  request.session.cookie.maxAge = 5
  request.session.cookie.expires = false
  request.session.destroy(next)
  request.session.regenerate(error => {
    if (error) return next(error)
    request.session.save(() => response.redirect('/'))
  })
  request.sessionStore.get(request.sessionID, (error, data) => {
    response.json([isAny, left, error?.message, data?.views, request.session.id])
  })
})
`

const sealedStore = `
import session, { createExpressSessionStore } from 'cloakroom/express-session'
import { createClient } from 'redis'

declare module 'cloakroom/express-session' {
  interface SessionData {
    user: { id: string }
  }
}
const client = createClient()
const store = createExpressSessionStore({
  redis: client,
  userOf: current => current.user?.id,
  ttl: current => (current.user === undefined ? 600 : 86_400),
  migrateFrom: { client, prefix: 'sess:' },
})
// @ts-expect-error: an option that does not exist.
createExpressSessionStore({ client })
session({ secret: 'a', store })
const listed: Promise<readonly { id: string }[]> = store.listUser('alice')
listed.then(store.close)
`

const beside = `
import session from 'express-session'
import standIn, { createExpressSessionStore } from 'cloakroom/express-session'
import { RedisStore } from 'connect-redis'
import express from 'express'
import { createClient } from 'redis'

const redis = createClient()
const app = express()
app.use(session({ secret: 'a', store: createExpressSessionStore({ redis }) }))
app.use(standIn({ secret: 'a', store: new RedisStore({ client: redis }) }))
app.use(standIn({ secret: 'a', store: new session.MemoryStore() }))
`

const commonJs = `
import session = require('cloakroom/express-session')
import express = require('express')

const options: session.SessionOptions = { secret: 'a', store: new session.MemoryStore() }
express().use(session({ ...options, resave: false, saveUninitialized: false }))
console.log(typeof session, typeof session.Store, typeof session.createExpressSessionStore)
`

describe('a project that uses cloakroom/express-session', () => {
  let consumer: Consumer
  afterEach(() => consumer.remove())

  const strict = {
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
  }
  const bundler = { module: 'preserve', moduleResolution: 'bundler' }

  it.each([{}, bundler])('has its sessions typed, with %o', async resolution => {
    consumer = await createConsumer({ 'app.ts': application, 'sealed.ts': sealedStore })
    expect(await consumer.compile({ ...strict, ...resolution })).toBe('')
  })

  it('may have the types of express-session and connect-redis beside it', async () => {
    consumer = await createConsumer({ 'app.ts': beside })
    expect(await consumer.compile({ ...strict, skipLibCheck: true })).toBe('')
  })

  it('may be of CommonJS modules', async () => {
    consumer = await createConsumer({ 'app.cts': commonJs })
    expect(await consumer.compile(strict)).toBe('')
    const printed = await runNode([`${consumer.outFolder}/app.cjs`])
    expect(printed).toBe('function function function\n')
  })
})
