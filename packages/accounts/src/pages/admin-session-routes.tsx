import type { Hono } from 'hono'
import { visitOf } from '../web/request.ts'
import { type AdminPageParts, cursorOf, noticeOf, problem, queryOf } from './admin-parts.ts'
import { AdminSessionsPage, type SessionSearch } from './admin-sessions-page.tsx'
import { answerRefusal } from './answers.tsx'
import { createConfirmation } from './confirmation.tsx'
import { type PageStatus, show } from './renderer.ts'
import { type PageEnv, type PageRequest, readForm } from './request.ts'
import type { FormState } from './visitor-pages.tsx'

/** Adds the pages about sessions. */
export function addAdminSessionRoutes(app: Hono<PageEnv>, parts: AdminPageParts): void {
  const { admin, texts, base } = parts
  const { adminSessions: words } = texts
  const { confirmed } = createConfirmation(parts)

  app.get('/admin/sessions', request => {
    const search = {
      user: queryOf(request, 'user'),
      address: queryOf(request, 'address'),
      device: queryOf(request, 'device'),
    }
    const notices = { ended: words.ended, address: words.addressEnded }
    return showSessions(parts, request, { search, state: noticeOf(request, notices) })
  })

  app.post('/admin/sessions/end', async request => {
    const sessionId = (await readForm(request))('id')
    const result = await admin.endSession({ sessionId }, visitOf(request))
    // One that has ended meanwhile is as good.
    if (!result.ok && result.reason !== 'gone') return answerRefusal(parts, request, result)
    return request.redirect(`${base}/admin/sessions?done=ended`, 303)
  })

  app.post('/admin/sessions/end-address', async request => {
    const form = await readForm(request)
    const address = form('address')
    const sent = { form, fields: { address }, cancel: '/admin/sessions' }
    return confirmed(request, sent, async () => {
      const result = await admin.endAddress({ address }, visitOf(request))
      if (result.ok) return request.redirect(`${base}/admin/sessions?done=address`, 303)
      if (result.reason !== 'address' && result.reason !== 'own-address') return result
      const state = problem(result.reason === 'address' ? words.badAddress : words.ownAddress)
      const search = { user: '', device: '', address }
      return showSessions(parts, request, { search, state, status: 422 })
    })
  })
}

async function showSessions(
  parts: AdminPageParts,
  request: PageRequest,
  about: { search: SessionSearch; state: FormState; status?: PageStatus },
): Promise<Response> {
  const { admin, accounts, clock } = parts
  const { search, state, status = 200 } = about
  const visit = visitOf(request)
  const result = await admin.searchSessions({ ...search, cursor: cursorOf(request) }, visit)
  if (!result.ok) return answerRefusal(parts, request, result)
  const canEndAny = (await accounts.authorize({ permission: 'sessions:end-any' }, visit)).ok
  return show(parts, request, {
    status,
    page: context => (
      <AdminSessionsPage
        context={context}
        search={search}
        page={result}
        now={clock.now()}
        canEndAny={canEndAny}
        state={state}
      />
    ),
  })
}
