import type { Hono } from 'hono'
import { visitOf } from '../web/request.ts'
import { AccountPage } from './account-page.tsx'
import { answerRefusal, toSignIn } from './answers.tsx'
import { createConfirmation } from './confirmation.tsx'
import { type PageParts, type PageStatus, show } from './renderer.ts'
import { type PageEnv, type PageRequest, readForm } from './request.ts'
import type { FormState } from './visitor-pages.tsx'

/** Adds the pages about one's own account. */
export function addAccountRoutes(app: Hono<PageEnv>, parts: PageParts): void {
  addOverview(app, parts)
  addChanges(app, parts)
  addSessionEnds(app, parts)
  addSession(app, parts)
}

function addOverview(app: Hono<PageEnv>, parts: PageParts): void {
  const { account, register, email } = parts.texts
  const notices: Readonly<Record<string, string>> = {
    saved: account.saved,
    password: account.passwordChanged,
    sent: account.emailSent,
    email: email.done,
    ended: account.sessionEnded,
    welcome: register.welcome,
  }
  app.get('/account', request => {
    const done = request.req.query('done') ?? ''
    const text = Object.hasOwn(notices, done) ? notices[done] : undefined
    const state: FormState = text === undefined ? {} : { notice: { kind: 'good', text } }
    return showAccount(parts, request, { state })
  })
}

function addChanges(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, base } = parts

  app.post('/account/profile', async request => {
    const name = (await readForm(request))('name')
    const result = await accounts.changeName({ name }, visitOf(request))
    if (result.ok) return request.redirect(`${base}/account?done=saved`, 303)
    if (result.reason !== 'name') return answerRefusal(parts, request, result)
    const problems = { 'profile-name': texts.fieldProblems.name }
    return showAccount(parts, request, { state: { values: { name }, problems }, status: 422 })
  })

  app.post('/account/password', async request => {
    const form = await readForm(request)
    const input = { current: form('password'), password: form('new-password') }
    const result = await accounts.changePassword(input, visitOf(request))
    if (result.ok) return request.redirect(`${base}/account?done=password`, 303)
    switch (result.reason) {
      case 'wrong': {
        const problems = { 'change-password': texts.account.wrongPassword }
        return showAccount(parts, request, { state: { problems }, status: 422 })
      }
      case 'password': {
        const problems = { 'change-new-password': texts.passwordProblems[result.problem.reason] }
        return showAccount(parts, request, { state: { problems }, status: 422 })
      }
      default:
        return answerRefusal(parts, request, result)
    }
  })

  app.post('/account/email', async request => {
    const form = await readForm(request)
    const email = form('email')
    const refuse = (problems: Readonly<Record<string, string>>) =>
      showAccount(parts, request, { state: { values: { email }, problems }, status: 422 })
    const proof = await accounts.reauthenticate({ password: form('password') }, visitOf(request))
    if (!proof.ok) {
      if (proof.reason !== 'wrong') return answerRefusal(parts, request, proof)
      return refuse({ 'email-password': texts.account.wrongPassword })
    }
    const result = await accounts.changeEmail({ email }, visitOf(request))
    if (result.ok) return request.redirect(`${base}/account?done=sent`, 303)
    if (result.reason !== 'email') return answerRefusal(parts, request, result)
    return refuse({ 'email-email': texts.fieldProblems.email })
  })

  app.post('/account/delete', async request => {
    const form = await readForm(request)
    const proof = await accounts.reauthenticate({ password: form('password') }, visitOf(request))
    if (!proof.ok) {
      if (proof.reason !== 'wrong') return answerRefusal(parts, request, proof)
      const problems = { 'delete-password': texts.account.wrongPassword }
      return showAccount(parts, request, { state: { problems }, status: 422 })
    }
    const result = await accounts.deleteOwn(visitOf(request))
    if (result.ok) return request.redirect(`${base}/login?done=deleted`, 303)
    if (result.reason !== 'last-admin') return answerRefusal(parts, request, result)
    const notice = { kind: 'bad', text: texts.account.lastAdmin } as const
    return showAccount(parts, request, { state: { notice }, status: 409 })
  })
}

function addSessionEnds(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, base } = parts
  const { confirmed } = createConfirmation(parts)

  app.post('/account/sessions/end', async request => {
    const form = await readForm(request)
    const sessionId = form('id')
    const fields = { id: sessionId }
    return confirmed(request, { form, fields }, async () => {
      const result = await accounts.endSession({ sessionId }, visitOf(request))
      // One that has ended meanwhile is as good.
      if (!result.ok && result.reason !== 'gone') return result
      return request.redirect(`${base}/account?done=ended`, 303)
    })
  })

  app.post('/account/sessions/end-others', async request => {
    const form = await readForm(request)
    return confirmed(request, { form, fields: {} }, async () => {
      const result = await accounts.endOtherSessions(visitOf(request))
      return result.ok ? request.redirect(`${base}/account?done=ended`, 303) : result
    })
  })

  app.post('/account/sessions/end-all', async request => {
    const result = await accounts.signOutEverywhere(visitOf(request))
    if (!result.ok) return answerRefusal(parts, request, result)
    return request.redirect(`${base}/login?done=out`, 303)
  })
}

function addSession(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, base, clock } = parts

  app.post('/session/renew', async request => {
    const session = request.get('session')
    await session.renew()
    const { info } = session
    if (!session.isAuthenticated || info === null) return request.json({}, 401)
    const leftMs = info.idleExpiresAt - clock.now()
    return request.json({ endsInSeconds: Math.max(0, Math.floor(leftMs / 1000)) })
  })

  app.post('/impersonation/stop', async request => {
    const result = await accounts.stopImpersonation(visitOf(request))
    return request.redirect(result.ok ? `${base}/account` : `${base}/login`, 303)
  })
}

async function showAccount(
  parts: PageParts,
  request: PageRequest,
  { state, status = 200 }: { readonly state: FormState; readonly status?: PageStatus },
): Promise<Response> {
  const visit = visitOf(request)
  const account = await parts.accounts.findOwn(visit)
  if (account === null) return toSignIn(parts, request)
  const secondFactor = await parts.accounts.findSecondFactor(visit)
  const now = parts.clock.now()
  const secondsSince = (at: number): number => Math.max(0, Math.floor((now - at) / 1000))
  const sessions = (await request.get('session').list()).map(entry => ({
    id: entry.id,
    device: entry.device,
    ip: entry.ip,
    seenSecondsAgo: secondsSince(entry.seenAt),
    startedSecondsAgo: secondsSince(entry.createdAt),
    isCurrent: entry.isCurrent,
  }))
  return show(parts, request, {
    status,
    page: context => (
      <AccountPage
        context={context}
        profile={account}
        sessions={sessions}
        secondFactor={secondFactor}
        state={state}
      />
    ),
  })
}
