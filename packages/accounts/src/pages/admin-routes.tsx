import { passive } from 'cloakroom/hono'
import type { Hono } from 'hono'
import { visitOf } from '../web/request.ts'
import { addAdminAuditRoutes } from './admin-audit-routes.tsx'
import { addAdminLimitRoutes } from './admin-limit-routes.tsx'
import { AdminOverviewPage } from './admin-overview-page.tsx'
import { type AdminPageParts, refuseScript } from './admin-parts.ts'
import { addAdminSessionRoutes } from './admin-session-routes.tsx'
import { AdminHealthPage, AdminKeysPage } from './admin-system-pages.tsx'
import { addAdminUserRoutes } from './admin-user-routes.tsx'
import { answerRefusal } from './answers.tsx'
import { show } from './renderer.ts'
import type { PageEnv } from './request.ts'

/** Adds the console. Whether somebody may see or do something is judged below, by each call. */
export function addAdminRoutes(app: Hono<PageEnv>, parts: AdminPageParts): void {
  addOverview(app, parts)
  addAdminSessionRoutes(app, parts)
  addAdminUserRoutes(app, parts)
  addAdminLimitRoutes(app, parts)
  addAdminAuditRoutes(app, parts)
  addSystem(app, parts)
}

function addOverview(app: Hono<PageEnv>, parts: AdminPageParts): void {
  const { admin } = parts

  app.get('/admin', async request => {
    const overview = await admin.overview(visitOf(request))
    if (!overview.ok) return answerRefusal(parts, request, overview)
    return show(parts, request, {
      page: context => <AdminOverviewPage context={context} overview={overview} />,
    })
  })

  // Asked again and again by a script: that is no activity, and must not keep anybody signed in.
  app.get('/admin/activity', passive(), async request => {
    const overview = await admin.overview(visitOf(request))
    if (!overview.ok) return refuseScript(parts, request, overview)
    return request.json(overview)
  })
}

function addSystem(app: Hono<PageEnv>, parts: AdminPageParts): void {
  const { admin } = parts

  app.get('/admin/keys', async request => {
    const keys = await admin.keys(visitOf(request))
    if (!keys.ok) return answerRefusal(parts, request, keys)
    return show(parts, request, {
      page: context => <AdminKeysPage context={context} keys={keys} />,
    })
  })

  app.get('/admin/health', async request => {
    const health = await admin.health(visitOf(request))
    if (!health.ok) return answerRefusal(parts, request, health)
    return show(parts, request, {
      page: context => <AdminHealthPage context={context} health={health} />,
    })
  })
}
