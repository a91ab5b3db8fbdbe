import type { Accounts } from '@cloakroom/accounts'
import { type Cloakroom, HttpError } from 'cloakroom'
import { errors, requireAuth } from 'cloakroom/express'
import express, { type ErrorRequestHandler, type Express } from 'express'
import { page } from './page.ts'

/** What the application works with. */
export interface Services {
  readonly cloakroom: Cloakroom
  readonly accounts: Accounts
}

export function createApp({ cloakroom, accounts }: Services): Express {
  const app = express()
  app.disable('x-powered-by')
  // Sign-in, registration, the account page and the rest, at paths of their own.
  app.use(accounts.express())
  app.use(express.urlencoded({ limit: '10kb' }), cloakroom.express())

  app.get('/', (request, response) => {
    const text = request.session.isAuthenticated
      ? '<p>You are signed in. <a href="/members">To the page for members</a></p>'
      : '<p><a href="/login?next=/members">Sign in</a> or <a href="/register">register</a>.</p>'
    response.send(page('A small shop', text))
  })

  app.get('/members', requireAuth('user'), (_request, response) => {
    const text = '<p>Only members see this. <a href="/account">Your account</a></p>'
    response.send(page('For members', text))
  })

  app.use(signInFirst)
  app.use(errors())
  return app
}

/** Sends visitors to the sign-in page, and from there back to where they were. */
const signInFirst: ErrorRequestHandler = (error, request, response, next) => {
  const isVisitor = error instanceof HttpError && error.code === 'ERR_UNAUTHENTICATED'
  if (!isVisitor || request.method !== 'GET') return next(error)
  response.redirect(303, `/login?next=${encodeURIComponent(request.originalUrl)}`)
}
