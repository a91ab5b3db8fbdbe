import type { Hono } from 'hono'
import { visitOf } from '../web/request.ts'
import type { PageParts } from './renderer.ts'
import { type PageEnv, readForm } from './request.ts'

/** Adds what the meter beside a new password asks. */
export function addStrengthRoute(app: Hono<PageEnv>, { accounts, texts }: PageParts): void {
  app.post('/password/strength', async request => {
    const form = await readForm(request)
    const input = { password: form('new-password'), email: form('email'), name: form('name') }
    const result = await accounts.previewPassword(input, visitOf(request))
    if (!result.ok) return request.json({}, result.reason === 'limited' ? 429 : 503)
    const { score, problem } = result
    const text = problem === null ? texts.strength[score] : texts.passwordProblems[problem.reason]
    return request.json({ score, text })
  })
}
