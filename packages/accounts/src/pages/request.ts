import type { Session, SessionData } from 'cloakroom'
import { addressKey } from 'cloakroom/kit'
import type { Context } from 'hono'
import type { Visit } from '../account/ports.ts'

/** What Cloakroom's middleware for Hono puts beside a request. */
export interface PageEnv {
  readonly Variables: {
    readonly session: Session<SessionData>
    readonly nonce: string
    readonly csrfToken: () => string
  }
}

/** A request to one of the pages. */
export type PageRequest = Context<PageEnv>

/** The request as flows see it. */
export function visitOf(request: PageRequest): Visit {
  const session = request.get('session')
  const { source } = session
  return { session, source, address: addressKey(source.ip ?? '') }
}

/** The texts of a form that was sent. What is no text, or missing, is empty. */
export type FormTexts = (name: string) => string

/** Reads the form that was sent. */
export async function readForm(request: PageRequest): Promise<FormTexts> {
  const body = await request.req.parseBody()
  return name => {
    const value = Object.hasOwn(body, name) ? body[name] : undefined
    return typeof value === 'string' ? value : ''
  }
}

/** Path and query of a request, to come back to. */
export function addressOf(request: PageRequest): string {
  const { pathname, search } = new URL(request.req.url)
  return `${pathname}${search}`
}
