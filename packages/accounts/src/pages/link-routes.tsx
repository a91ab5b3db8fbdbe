import type { Hono } from 'hono'
import { visitOf } from '../web/request.ts'
import { answerRefusal } from './answers.tsx'
import { toStep } from './factor-routes.tsx'
import { ConfirmEmailPage, InvitationPage, VerifyPage } from './link-pages.tsx'
import { type PageParts, show } from './renderer.ts'
import { type PageEnv, type PageRequest, readForm } from './request.ts'
import { type FormState, MessagePage } from './visitor-pages.tsx'

/** Adds the pages that links in mails lead to, besides the one for a new password. */
export function addLinkRoutes(app: Hono<PageEnv>, parts: PageParts): void {
  addVerification(app, parts)
  addInvitation(app, parts)
  addEmail(app, parts)
}

function addVerification(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, base } = parts
  const { title, failed, wrong } = texts.verify
  const showForm = (request: PageRequest, token: string, state: FormState = {}) =>
    show(parts, request, {
      ...(state.problems && { status: 422 }),
      page: context => <VerifyPage context={context} token={token} state={state} />,
    })
  const refuseLink = (request: PageRequest) =>
    showUsed(parts, request, { title, text: failed, onward: '/register' })

  app.get('/verify', async request => {
    const token = request.req.query('token') ?? ''
    const link = await accounts.peekLink('registration', token)
    return link === null ? refuseLink(request) : showForm(request, token)
  })

  app.post('/verify', async request => {
    const form = await readForm(request)
    const token = form('token')
    const input = { token, password: form('password') }
    const result = await accounts.confirmRegistration(input, visitOf(request))
    if (result.ok) return request.redirect(`${base}/account?done=welcome`, 303)
    switch (result.reason) {
      case 'token':
        return refuseLink(request)
      case 'wrong':
        return showForm(request, token, { problems: { password: wrong } })
      case 'second-factor':
      case 'enrol-second-factor':
        return toStep(parts, request, { kind: result.reason, next: `${base}/account` })
      case 'too-many-sessions':
        return request.redirect(`${base}/login?done=verified`, 303)
      default:
        return answerRefusal(parts, request, result)
    }
  })
}

function addInvitation(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, base } = parts
  const { title, failed } = texts.invitation
  const showForm = (request: PageRequest, token: string, state: FormState = {}) =>
    show(parts, request, {
      ...(state.problems && { status: 422 }),
      page: context => <InvitationPage context={context} token={token} state={state} />,
    })
  const refuseLink = (request: PageRequest) =>
    showUsed(parts, request, { title, text: failed, onward: '/login' })

  app.get('/invitation', async request => {
    const token = request.req.query('token') ?? ''
    const link = await accounts.peekLink('invitation', token)
    return link === null ? refuseLink(request) : showForm(request, token)
  })

  app.post('/invitation', async request => {
    const form = await readForm(request)
    const token = form('token')
    const name = form('name')
    const input = { token, password: form('new-password'), ...(name !== '' && { name }) }
    const result = await accounts.acceptInvitation(input, visitOf(request))
    if (result.ok) return request.redirect(`${base}/login?done=joined`, 303)
    switch (result.reason) {
      case 'token':
        return refuseLink(request)
      case 'name':
        return showForm(request, token, {
          values: { name },
          problems: { name: texts.fieldProblems.name },
        })
      case 'password':
        return showForm(request, token, {
          values: { name },
          problems: { 'new-password': texts.passwordProblems[result.problem.reason] },
        })
      default:
        return answerRefusal(parts, request, result)
    }
  })
}

function addEmail(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, base } = parts

  app.get('/account/email', async request => {
    const token = request.req.query('token') ?? ''
    if (token === '') return request.redirect(`${base}/account`, 303)
    const account = await accounts.findOwn(visitOf(request))
    if (account === null) return answerRefusal(parts, request, unauthenticated)
    return show(parts, request, {
      page: context => <ConfirmEmailPage context={context} token={token} />,
    })
  })

  app.post('/account/email/confirm', async request => {
    const form = await readForm(request)
    const result = await accounts.confirmEmail({ token: form('token') }, visitOf(request))
    if (result.ok) return request.redirect(`${base}/account?done=email`, 303)
    if (result.reason !== 'token') return answerRefusal(parts, request, result)
    const { title, failed } = texts.email
    return showUsed(parts, request, { title, text: failed, onward: '/account' })
  })
}

const unauthenticated = { ok: false, reason: 'unauthenticated' } as const

/** A link that was used, or ended, or never was. */
function showUsed(
  parts: PageParts,
  request: PageRequest,
  about: { readonly title: string; readonly text: string; readonly onward: string },
): Promise<Response> {
  const { title, text, onward } = about
  const href = `${parts.base}${onward}`
  return show(parts, request, {
    status: 404,
    page: context => (
      <MessagePage
        context={context}
        title={title}
        text={text}
        onward={{ href, text: parts.texts.common.goOn }}
      />
    ),
  })
}
