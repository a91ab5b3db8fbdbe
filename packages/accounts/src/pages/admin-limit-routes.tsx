import type { Hono } from 'hono'
import { visitOf } from '../web/request.ts'
import { AdminLimitsPage } from './admin-limits-page.tsx'
import { type AdminPageParts, cursorOf, noticeOf, problem, queryOf } from './admin-parts.ts'
import type { BlockLength } from './admin-texts.ts'
import { answerRefusal } from './answers.tsx'
import { createConfirmation } from './confirmation.tsx'
import { type PageStatus, show } from './renderer.ts'
import { type PageEnv, type PageRequest, readForm } from './request.ts'
import type { FormState } from './visitor-pages.tsx'

const lengths: Readonly<Record<BlockLength, number | null>> = {
  quarter: 900_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
  good: null,
}

/** Adds the pages about blocks. */
export function addAdminLimitRoutes(app: Hono<PageEnv>, parts: AdminPageParts): void {
  const { admin, texts, base } = parts
  const { adminLimits: words } = texts
  const { confirmed } = createConfirmation(parts)
  const problems = {
    rule: { 'block-subject': words.badSubject },
    subject: { 'block-subject': words.badSubject },
    reason: { 'block-reason': words.badReason },
    // Only a form of somebody's own asks for another one.
    duration: { 'block-reason': texts.errors.stale[1] },
  }

  app.get('/admin/limits', request => {
    const state = noticeOf(request, { unblocked: words.unblocked, blocked: words.blocked })
    return showBlocks(parts, request, { state })
  })

  app.post('/admin/limits/block', async request => {
    const form = await readForm(request)
    const [rule, subject, length, reason] = [
      form('rule'),
      form('subject'),
      form('length'),
      form('reason'),
    ]
    const fields = { rule, subject, length, reason }
    return confirmed(request, { form, fields, cancel: '/admin/limits' }, async () => {
      const durationMs = durationOf(length)
      const result = await admin.block({ rule, subject, durationMs, reason }, visitOf(request))
      if (result.ok) return request.redirect(`${base}/admin/limits?done=blocked`, 303)
      switch (result.reason) {
        case 'rule':
        case 'subject':
        case 'reason':
        case 'duration': {
          const state = { values: fields, problems: problems[result.reason] }
          return showBlocks(parts, request, { state, status: 422 })
        }
        default:
          return result
      }
    })
  })

  app.post('/admin/limits/unblock', async request => {
    const form = await readForm(request)
    const block = { rule: form('rule'), version: form('version'), id: form('id') }
    const result = await admin.unblock(block, visitOf(request))
    if (result.ok) return request.redirect(`${base}/admin/limits?done=unblocked`, 303)
    if (result.reason !== 'gone') return answerRefusal(parts, request, result)
    return showBlocks(parts, request, { state: problem(texts.admin.gone), status: 409 })
  })
}

/** What is none of the lengths is no duration either. */
function durationOf(length: string): number | null {
  return Object.hasOwn(lengths, length) ? lengths[length as BlockLength] : Number.NaN
}

async function showBlocks(
  parts: AdminPageParts,
  request: PageRequest,
  { state, status = 200 }: { state: FormState; status?: PageStatus },
): Promise<Response> {
  const { admin, accounts } = parts
  const visit = visitOf(request)
  const subject = queryOf(request, 'subject')
  const result = await (subject === ''
    ? admin.listBlocks({ cursor: cursorOf(request) }, visit)
    : admin.findBlocks({ subject }, visit))
  if (!result.ok) return answerRefusal(parts, request, result)
  const canChange = (await accounts.authorize({ permission: 'limits:change' }, visit)).ok
  return show(parts, request, {
    status,
    page: context => (
      <AdminLimitsPage
        context={context}
        subject={subject}
        page={result}
        rules={canChange ? admin.blockableRules() : []}
        canUnblock={canChange}
        state={state}
      />
    ),
  })
}
