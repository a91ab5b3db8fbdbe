import { safeRedirectPath } from 'cloakroom'
import type { Hono } from 'hono'
import type { Enrolment } from '../flows/enrolment.ts'
import type { StepKind } from '../flows/steps.ts'
import { visitOf } from '../web/request.ts'
import { answerRefusal, toSignIn } from './answers.tsx'
import { createConfirmation } from './confirmation.tsx'
import { CodePage, RecoveryCodesPage, SecondFactorPage, SetupPage } from './factor-pages.tsx'
import { type PageParts, show } from './renderer.ts'
import { type PageEnv, type PageRequest, readForm } from './request.ts'
import type { FormState } from './visitor-pages.tsx'

const root = '/account/second-factor'

/** Adds the pages about second factors, and the second step of a sign-in. */
export function addFactorRoutes(app: Hono<PageEnv>, parts: PageParts): void {
  addSignInStep(app, parts)
  addSetup(app, parts)
  addManagement(app, parts)
}

/** Where a sign-in goes on whose first step is done. */
export function toStep(
  { base }: Pick<PageParts, 'base'>,
  request: PageRequest,
  { kind, next }: { readonly kind: StepKind; readonly next: string },
): Response {
  const page = kind === 'second-factor' ? '/login/code' : `${root}/setup`
  return request.redirect(`${base}${page}?${new URLSearchParams({ next })}`, 303)
}

/** Where a sign-in begins anew that took too long, or was ended. */
function toFirstStep({ base }: PageParts, request: PageRequest, next: string): Response {
  const query = new URLSearchParams({ refused: 'step', next })
  return request.redirect(`${base}/login?${query}`, 303)
}

function addSignInStep(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, theme } = parts
  const nextOf = (given: unknown): string => safeRedirectPath(given, { fallback: theme.home })

  app.get('/login/code', async request => {
    const next = nextOf(request.req.query('next'))
    if (request.get('session').isAuthenticated) return request.redirect(next, 303)
    const kind = await accounts.findSignInStep(visitOf(request))
    if (kind === null) return toFirstStep(parts, request, next)
    if (kind !== 'second-factor') return toStep(parts, request, { kind, next })
    return show(parts, request, { page: context => <CodePage context={context} next={next} /> })
  })

  app.post('/login/code', async request => {
    const form = await readForm(request)
    const next = nextOf(form('next'))
    const result = await accounts.confirmSignIn({ code: form('code') }, visitOf(request))
    if (result.ok) return request.redirect(next, 303)
    switch (result.reason) {
      case 'gone':
        return toFirstStep(parts, request, next)
      case 'wrong': {
        const field = form('kind') === 'recovery' ? 'recovery-code' : 'code'
        const state = { problems: { [field]: texts.secondFactor.wrong } }
        return show(parts, request, {
          status: 401,
          page: context => <CodePage context={context} next={next} state={state} />,
        })
      }
      case 'too-many-sessions': {
        const notice = { kind: 'bad', text: texts.signIn.tooMany } as const
        return show(parts, request, {
          status: 409,
          page: context => <CodePage context={context} next={next} state={{ notice }} />,
        })
      }
      default:
        return answerRefusal(parts, request, result)
    }
  })
}

function addSetup(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, base, theme } = parts
  const { confirmed } = createConfirmation(parts)
  const nextOf = (request: PageRequest, given: unknown): string => {
    const isOwner = request.get('session').isAuthenticated
    return isOwner ? `${base}${root}` : safeRedirectPath(given, { fallback: theme.home })
  }

  app.post(`${root}/start`, async request => {
    const form = await readForm(request)
    const code = form('code')
    return confirmed(request, { form, fields: { code }, cancel: root }, async () => {
      const result = await accounts.startEnrolment({ code }, visitOf(request))
      if (result.ok) return request.redirect(`${base}${root}/setup`, 303)
      return result.reason === 'wrong' ? showFactor(parts, request, wrong(parts)) : result
    })
  })

  app.get(`${root}/setup`, async request => {
    const next = nextOf(request, request.req.query('next'))
    const found = await accounts.findEnrolment(visitOf(request))
    const enrolment = found ?? (await beginForSignIn(request))
    if (enrolment !== null) return showSetup(request, { enrolment, next })
    const isOwner = request.get('session').isAuthenticated
    return isOwner ? request.redirect(next, 303) : toFirstStep(parts, request, next)
  })

  app.post(`${root}/setup`, async request => {
    const form = await readForm(request)
    const fields = { code: form('code'), next: form('next') }
    const next = nextOf(request, fields.next)
    return confirmed(request, { form, fields, cancel: root }, async () => {
      const result = await accounts.confirmEnrolment(fields, visitOf(request))
      if (result.ok) {
        const notice = texts.secondFactor.added
        return showCodes(parts, request, { codes: result.recoveryCodes, notice, next })
      }
      switch (result.reason) {
        case 'wrong': {
          const enrolment = await accounts.findEnrolment(visitOf(request))
          if (enrolment === null) return toFirstStep(parts, request, next)
          return showSetup(request, { enrolment, next, state: wrong(parts) })
        }
        case 'gone':
          return request.redirect(`${base}${root}`, 303)
        default:
          return result
      }
    })
  })

  /** Whoever cannot sign in without a second factor has no page with a button before this one. */
  async function beginForSignIn(request: PageRequest): Promise<Enrolment | null> {
    const kind = await accounts.findSignInStep(visitOf(request))
    if (kind !== 'enrol-second-factor') return null
    const started = await accounts.startEnrolment({}, visitOf(request))
    return started.ok ? started : null
  }

  function showSetup(
    request: PageRequest,
    about: { readonly enrolment: Enrolment; readonly next: string; readonly state?: FormState },
  ): Promise<Response> {
    const isSignIn = !request.get('session').isAuthenticated
    return show(parts, request, {
      ...(about.state?.problems && { status: 422 }),
      page: context => <SetupPage context={context} isSignIn={isSignIn} {...about} />,
    })
  }
}

function addManagement(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, base } = parts
  const { confirmed } = createConfirmation(parts)
  const words = texts.secondFactor

  app.get(root, request => {
    const isRemoved = request.req.query('done') === 'removed'
    const notice = { kind: 'good', text: words.isOff } as const
    return showFactor(parts, request, isRemoved ? { notice } : {})
  })

  app.post(`${root}/codes`, async request => {
    const form = await readForm(request)
    const code = form('code')
    return confirmed(request, { form, fields: { code }, cancel: root }, async () => {
      const result = await accounts.makeRecoveryCodes({ code }, visitOf(request))
      if (result.ok) {
        const next = `${base}${root}`
        const about = { codes: result.recoveryCodes, notice: words.codesMade, next }
        return showCodes(parts, request, about)
      }
      return result.reason === 'wrong' ? showFactor(parts, request, wrong(parts)) : result
    })
  })

  app.post(`${root}/remove`, async request => {
    const form = await readForm(request)
    const code = form('code')
    return confirmed(request, { form, fields: { code }, cancel: root }, async () => {
      const result = await accounts.removeSecondFactor({ code }, visitOf(request))
      if (result.ok) return request.redirect(`${base}${root}?done=removed`, 303)
      switch (result.reason) {
        case 'wrong':
          return showFactor(parts, request, wrong(parts))
        case 'required':
          return { ok: false, reason: 'forbidden' }
        default:
          return result
      }
    })
  })
}

function wrong({ texts }: PageParts): FormState {
  return { problems: { code: texts.secondFactor.wrong } }
}

async function showFactor(
  parts: PageParts,
  request: PageRequest,
  state: FormState,
): Promise<Response> {
  if (!request.get('session').isAuthenticated) return toSignIn(parts, request)
  const factor = await parts.accounts.findSecondFactor(visitOf(request))
  if (factor === null) return answerRefusal(parts, request, { ok: false, reason: 'unsupported' })
  return show(parts, request, {
    ...(state.problems && { status: 422 }),
    page: context => <SecondFactorPage context={context} factor={factor} state={state} />,
  })
}

function showCodes(
  parts: PageParts,
  request: PageRequest,
  about: { readonly codes: readonly string[]; readonly notice: string; readonly next: string },
): Promise<Response> {
  return show(parts, request, {
    page: context => <RecoveryCodesPage context={context} {...about} />,
  })
}
