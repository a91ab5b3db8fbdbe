import type { Hono } from 'hono'
import type { AdminConsole } from '../admin/admin.ts'
import type { PageParts } from './renderer.ts'
import type { PageEnv } from './request.ts'

/** What pages of the console are made with. */
export interface AdminPageParts extends PageParts {
  readonly admin: AdminConsole
}

/** Adds the console. */
export function addAdminRoutes(_app: Hono<PageEnv>, _parts: AdminPageParts): void {}
