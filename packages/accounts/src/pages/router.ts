import { Hono } from 'hono'
import { limitBody } from '../web/body-limit.ts'
import type { SessionMiddleware } from '../web/request.ts'
import { addAccountRoutes } from './account-routes.tsx'
import { addAdminRoutes } from './admin-routes.tsx'
import { answerError, refusePage } from './answers.tsx'
import { addConfirmRoutes } from './confirm-routes.tsx'
import { addFactorRoutes } from './factor-routes.tsx'
import { createFailurePages, type FailurePages } from './failures.tsx'
import { addLinkRoutes } from './link-routes.tsx'
import type { PageParts } from './renderer.ts'
import type { PageEnv } from './request.ts'
import { addStrengthRoute } from './strength-route.ts'
import { addVisitorRoutes } from './visitor-routes.tsx'

/** More than any form of these pages holds. */
const maxFormBytes = 65_536

/** First parts of paths at which there are pages, or could be: all else is the application's. */
const ownPaths =
  /^\/(_assets|login|register|verify|invitation|forgot|reset|logout|confirm|password|account|session\/renew|impersonation)(\/|$)/

/** The pages as one application. */
export interface Pages {
  readonly app: Hono<PageEnv>
  /** Whether a path, without query, is for these pages to answer, if only to say that there is none. */
  isOwn(path: string): boolean
  /** Pages about what goes wrong in the application's own routes. */
  readonly failures: FailurePages
  /** Without those that answer whatever is left. */
  readonly routes: readonly { readonly method: string; readonly path: string }[]
}

/** Makes {@link Pages}. The middleware refuses forged requests to all of them alike. */
export function createPages(parts: PageParts, openSession: SessionMiddleware): Pages {
  const { assets, admin, base } = parts
  const app = new Hono<PageEnv>().basePath(base === '' ? '/' : base)

  // Before sessions: browsers keep them, and they are the same for everybody.
  app.get('/_assets/*', request => {
    const { pathname } = new URL(request.req.url)
    return assets.answer(pathname.slice(base.length)) ?? new Response(null, { status: 404 })
  })
  app.use(limitBody(maxFormBytes, () => new Response('Payload Too Large', { status: 413 })))
  app.use(openSession)
  addVisitorRoutes(app, parts)
  addLinkRoutes(app, parts)
  addAccountRoutes(app, parts)
  addConfirmRoutes(app, parts)
  addFactorRoutes(app, parts)
  addStrengthRoute(app, parts)
  if (admin !== null) addAdminRoutes(app, { ...parts, admin })
  app.all('*', request => refusePage(parts, request, { status: 404, message: 'notFound' }))
  app.onError(async (error, request) => {
    const answer = await answerError(parts, request, error)
    if (answer === null) throw error
    return answer
  })

  return {
    app,
    failures: createFailurePages(parts),
    routes: app.routes.filter(({ method }) => method !== 'ALL'),
    isOwn(path) {
      if (!path.startsWith(base)) return false
      const own = path.slice(base.length)
      return ownPaths.test(own) || (admin !== null && /^\/admin(\/|$)/.test(own))
    },
  }
}
