import { safeRedirectPath } from 'cloakroom'
import type { Hono } from 'hono'
import { visitOf } from '../web/request.ts'
import { answerRefusal, refusePage } from './answers.tsx'
import { toStep } from './factor-routes.tsx'
import { type PageParts, show } from './renderer.ts'
import { type PageEnv, type PageRequest, readForm } from './request.ts'
import {
  ForgotPage,
  type FormState,
  MessagePage,
  RegisterPage,
  ResetPage,
  SignInPage,
} from './visitor-pages.tsx'

/** Adds the pages for those who are not signed in, besides those behind links in mails. */
export function addVisitorRoutes(app: Hono<PageEnv>, parts: PageParts): void {
  addSignIn(app, parts)
  addRegistration(app, parts)
  addForgotten(app, parts)
  // A link cannot sign anybody out, or any page could. The account page has the button.
  app.get('/logout', request => request.redirect(`${parts.base}/account`, 303))
  app.post('/logout', async request => {
    const { id } = request.get('session')
    const onward = id === null ? null : await parts.afterSignOut(id)
    await parts.accounts.signOut(visitOf(request))
    return request.redirect(onward ?? `${parts.base}/login?done=out`, 303)
  })
}

function addSignIn(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, theme, base } = parts
  const nextOf = (given: unknown): string => safeRedirectPath(given, { fallback: theme.home })
  const showForm = (request: PageRequest, next: string, state: FormState, status?: 401 | 409) =>
    show(parts, request, {
      ...(status && { status }),
      page: context => (
        <SignInPage context={context} next={next} state={state} providers={parts.providers} />
      ),
    })

  const refusals: Readonly<Record<string, string>> = {
    ...texts.signIn.providerRefusals,
    step: texts.secondFactor.over,
  }
  const notices: Readonly<Record<string, string>> = {
    reset: texts.reset.done,
    verified: texts.verify.done,
    joined: texts.invitation.done,
    out: texts.signIn.out,
    deleted: texts.signIn.deleted,
  }

  app.get('/login', async request => {
    const { next: target, done = '', ended, refused = '' } = request.req.query()
    const next = nextOf(target)
    if (request.get('session').isAuthenticated) return request.redirect(next, 303)
    if (ended !== undefined) {
      return showForm(request, next, { notice: { kind: 'bad', text: texts.signIn.ended } })
    }
    if (Object.hasOwn(refusals, refused)) {
      return showForm(request, next, { notice: { kind: 'bad', text: refusals[refused] ?? '' } })
    }
    const text = Object.hasOwn(notices, done) ? notices[done] : undefined
    return showForm(request, next, text === undefined ? {} : { notice: { kind: 'good', text } })
  })

  app.post('/login', async request => {
    const form = await readForm(request)
    const next = nextOf(form('next'))
    const login = form('email')
    const input = { login, password: form('password'), remember: form('remember') === '1' }
    const result = await accounts.signIn(input, visitOf(request))
    if (result.ok) return request.redirect(next, 303)
    const problem = (text: string): FormState => ({
      values: { email: login },
      notice: { kind: 'bad', text },
    })
    switch (result.reason) {
      case 'wrong':
        return showForm(request, next, problem(texts.signIn.refused), 401)
      case 'too-many-sessions':
        return showForm(request, next, problem(texts.signIn.tooMany), 409)
      case 'second-factor':
      case 'enrol-second-factor':
        return toStep(parts, request, { kind: result.reason, next })
      case 'change-password':
        return request.redirect(`${base}/reset?token=${result.token}`, 303)
      default:
        return answerRefusal(parts, request, result)
    }
  })
}

function addRegistration(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, base, isRegistrationOpen } = parts
  const showForm = (request: PageRequest, state?: FormState) =>
    show(parts, request, {
      ...(state && { status: 422 }),
      page: context => <RegisterPage context={context} {...(state && { state })} />,
    })

  app.get('/register', request =>
    isRegistrationOpen
      ? showForm(request)
      : refusePage(parts, request, { status: 404, message: 'notFound' }),
  )

  app.post('/register', async request => {
    const form = await readForm(request)
    const values = { email: form('email'), name: form('name') }
    const input = { ...values, password: form('new-password') }
    const result = await accounts.register(input, visitOf(request))
    if (result.ok) return request.redirect(`${base}/register/sent`, 303)
    switch (result.reason) {
      case 'email':
      case 'name': {
        const problems = { [result.reason]: texts.fieldProblems[result.reason] }
        return showForm(request, { values, problems })
      }
      case 'password': {
        const problems = { 'new-password': texts.passwordProblems[result.problem.reason] }
        return showForm(request, { values, problems })
      }
      default:
        return answerRefusal(parts, request, result)
    }
  })

  app.get('/register/sent', request =>
    show(parts, request, {
      page: context => (
        <MessagePage
          context={context}
          title={texts.register.sentTitle}
          text={texts.register.sent}
          onward={{ href: `${base}/login`, text: texts.common.signIn }}
        />
      ),
    }),
  )
}

function addForgotten(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, base } = parts

  app.get('/forgot', request => {
    const isSent = request.req.query('done') === 'sent'
    const state: FormState = isSent ? { notice: { kind: 'good', text: texts.forgot.sent } } : {}
    return show(parts, request, {
      page: context => <ForgotPage context={context} state={state} />,
    })
  })

  app.post('/forgot', async request => {
    const form = await readForm(request)
    const result = await accounts.forgotPassword({ login: form('email') }, visitOf(request))
    if (!result.ok) return answerRefusal(parts, request, result)
    return request.redirect(`${base}/forgot?done=sent`, 303)
  })

  app.get('/reset', async request => {
    const token = request.req.query('token') ?? ''
    if ((await accounts.peekLink('reset', token)) === null) return refuseLink(parts, request)
    return show(parts, request, { page: context => <ResetPage context={context} token={token} /> })
  })

  app.post('/reset', async request => {
    const form = await readForm(request)
    const token = form('token')
    const input = { token, password: form('new-password') }
    const result = await accounts.resetPassword(input, visitOf(request))
    if (result.ok) return request.redirect(`${base}/login?done=reset`, 303)
    switch (result.reason) {
      case 'token':
        return refuseLink(parts, request)
      case 'password': {
        const problems = { 'new-password': texts.passwordProblems[result.problem.reason] }
        return show(parts, request, {
          status: 422,
          page: context => <ResetPage context={context} token={token} state={{ problems }} />,
        })
      }
      default:
        return answerRefusal(parts, request, result)
    }
  })
}

function refuseLink(parts: PageParts, request: PageRequest): Promise<Response> {
  const { texts, base } = parts
  return show(parts, request, {
    status: 404,
    page: context => (
      <MessagePage
        context={context}
        title={texts.reset.title}
        text={texts.reset.failed}
        onward={{ href: `${base}/forgot`, text: texts.forgot.send }}
      />
    ),
  })
}
