import type { AdminConsole } from '../admin/admin.ts'
import { answerRefusal, type CommonRefusal } from './answers.tsx'
import type { PageParts } from './renderer.ts'
import type { PageRequest } from './request.ts'
import type { FormState } from './visitor-pages.tsx'

/** What pages of the console are made with. */
export interface AdminPageParts extends PageParts {
  readonly admin: AdminConsole
}

/** A part of the query, without spaces around it; empty when it is missing. */
export function queryOf(request: PageRequest, name: string): string {
  return request.req.query(name)?.trim() ?? ''
}

/** Where the page before ended. */
export function cursorOf(request: PageRequest): string | null {
  return request.req.query('cursor') ?? null
}

/** Says what was done before a page was asked for, by a word of its address. */
export function noticeOf(
  request: PageRequest,
  notices: Readonly<Record<string, string>>,
): FormState {
  const done = queryOf(request, 'done')
  const text = Object.hasOwn(notices, done) ? notices[done] : undefined
  return text === undefined ? {} : { notice: { kind: 'good', text } }
}

/** Says why nothing was done, above the page. */
export function problem(text: string): FormState {
  return { notice: { kind: 'bad', text } }
}

/** Answers a script, which needs no page to know why. */
export function refuseScript(
  parts: PageParts,
  request: PageRequest,
  refusal: CommonRefusal,
): Promise<Response> | Response {
  if (refusal.reason === 'unauthenticated') return request.json({}, 401)
  return answerRefusal(parts, request, refusal)
}
