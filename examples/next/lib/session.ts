import { type Cloakroom, createCloakroom } from 'cloakroom'
import { cookies, headers } from 'next/headers'

declare module 'cloakroom' {
  interface SessionData {
    visits?: number
  }
}

// Next bundles this file more than once: pages and proxy share what hangs on the process. Leave
// `production` out, and set REDIS_URL and the secrets, for more than trying things out.
const shared = globalThis as { cloakroom?: Cloakroom }
shared.cloakroom ??= createCloakroom({ production: false })

export const { action, page, proxy, route } = shared.cloakroom.next({ cookies, headers })
