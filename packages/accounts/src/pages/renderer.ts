import { type Clock, StoreError } from 'cloakroom'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { AdminConsole } from '../admin/admin.ts'
import type { AccountFlows } from '../flows/accounts.ts'
import { visitOf } from '../web/request.ts'
import type { Assets } from './assets.ts'
import type { PageContext } from './layout.tsx'
import type { SignInProvider } from './providers.ts'
import type { PageRequest } from './request.ts'
import type { Texts } from './texts.ts'
import type { Theme } from './theme.ts'

/** What pages are made with. */
export interface PageParts {
  readonly accounts: AccountFlows
  /** Null when there is to be no console. */
  readonly admin: AdminConsole | null
  readonly assets: Assets
  readonly theme: Theme
  readonly texts: Texts
  /** Begins every address of the pages; empty at the root. */
  readonly base: string
  readonly isRegistrationOpen: boolean
  readonly providers: readonly SignInProvider[]
  /** Where somebody goes after signing out; null for the sign-in page. Given the session's handle. */
  readonly afterSignOut: (sessionId: string) => Promise<string | null>
  readonly clock: Clock
}

/** A page that waits for what it must know of its request. */
export type Page = (context: PageContext) => JSX.Element

/** Answers a request with a page. */
export async function show(
  parts: PageParts,
  request: PageRequest,
  { page, status = 200 }: { readonly page: Page; readonly status?: PageStatus },
): Promise<Response> {
  const context = await contextOf(parts, request)
  const html = `<!doctype html>${await page(context).toString()}`
  return request.html(html, status)
}

/** Statuses that pages have. */
export type PageStatus = 200 | 401 | 403 | 404 | 409 | 413 | 422 | 429 | 500 | 503

async function contextOf(parts: PageParts, request: PageRequest): Promise<PageContext> {
  const { texts, theme, base, assets, isRegistrationOpen } = parts
  return {
    texts,
    theme,
    base,
    isRegistrationOpen,
    csrfToken: request.get('csrfToken'),
    nonce: request.get('nonce'),
    asset: name => `${base}${assets.pathOf(name)}`,
    ...(await personOf(parts, request)),
  }
}

type Person = Pick<PageContext, 'user' | 'sections' | 'impersonating' | 'endsInSeconds'>

const nobody: Person = { user: null, sections: [], impersonating: null, endsInSeconds: null }

/** Whoever is signed in. While that cannot be told, pages are as for nobody. */
async function personOf(parts: PageParts, request: PageRequest): Promise<Person> {
  const session = request.get('session')
  if (!session.isLoaded || session.state === 'unavailable') return nobody
  try {
    return await findPerson(parts, request)
  } catch (error) {
    // The page that says so must not fail for the same reason.
    if (error instanceof StoreError) return nobody
    throw error
  }
}

async function findPerson(parts: PageParts, request: PageRequest): Promise<Person> {
  const { accounts, admin, clock } = parts
  const visit = visitOf(request)
  const impersonation = await accounts.findImpersonation(visit)
  const account = await accounts.findOwn(visit)
  const { info } = request.get('session')
  if (account === null || info === null) return nobody
  const name = account.name === '' ? account.email : account.name
  return {
    user: { name },
    sections: impersonation === null ? (admin?.sectionsOf(account.role) ?? []) : [],
    impersonating: impersonation === null ? null : name,
    endsInSeconds: Math.max(0, Math.floor((info.idleExpiresAt - clock.now()) / 1000)),
  }
}
