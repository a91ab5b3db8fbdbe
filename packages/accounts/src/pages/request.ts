import type { Context } from 'hono'
import type { RequestEnv } from '../web/request.ts'

/** What is beside a request to one of the pages. */
export type PageEnv = RequestEnv

/** A request to one of the pages. */
export type PageRequest = Context<PageEnv>

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
