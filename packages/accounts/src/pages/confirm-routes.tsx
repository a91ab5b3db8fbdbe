import { safeRedirectPath } from 'cloakroom'
import type { Hono } from 'hono'
import { visitOf } from '../web/request.ts'
import { ConfirmPage } from './account-page.tsx'
import { answerRefusal, toSignIn } from './answers.tsx'
import { type PageParts, show } from './renderer.ts'
import { type PageEnv, type PageRequest, readForm } from './request.ts'

/** Adds the page to which the application's routes send people to prove again who they are. */
export function addConfirmRoutes(app: Hono<PageEnv>, parts: PageParts): void {
  const { accounts, texts, theme } = parts
  const nextOf = (given: unknown): string => safeRedirectPath(given, { fallback: theme.home })

  function showForm(request: PageRequest, next: string, problem?: string): Promise<Response> {
    const isWrong = problem !== undefined
    const state = isWrong ? { problems: { password: problem } } : {}
    return show(parts, request, {
      ...(isWrong && { status: 422 }),
      page: context => (
        <ConfirmPage
          context={context}
          action="/confirm"
          fields={{ next }}
          cancel="/account"
          state={state}
        />
      ),
    })
  }

  app.get('/confirm', request =>
    request.get('session').isAuthenticated
      ? showForm(request, nextOf(request.req.query('next')))
      : toSignIn(parts, request),
  )

  app.post('/confirm', async request => {
    const form = await readForm(request)
    const next = nextOf(form('next'))
    const proof = await accounts.reauthenticate({ password: form('password') }, visitOf(request))
    if (proof.ok) return request.redirect(next, 303)
    if (proof.reason !== 'wrong') return answerRefusal(parts, request, proof)
    return showForm(request, next, texts.account.wrongPassword)
  })
}
