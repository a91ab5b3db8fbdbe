import type { ErrorFacts } from 'cloakroom/express'
import { type Html, html } from '../html.ts'
import { renderPage, type View } from './layout.ts'
import { describeWait } from './time.ts'

interface Words {
  readonly title: string
  readonly text: string
}

const words: Readonly<Partial<Record<ErrorFacts['code'], Words>>> = {
  ERR_UNAUTHENTICATED: {
    title: 'Sign in first',
    text: 'This page is for people who are signed in.',
  },
  ERR_FORBIDDEN: {
    title: 'Not with this ticket',
    text: 'You are signed in, but your account may not open this page.',
  },
  ERR_CSRF: {
    title: 'That did not come from here',
    text: 'The form had no valid token, so nothing was changed. If you sent it yourself, go back, load the page again and send it once more.',
  },
  ERR_RATE_LIMITED: {
    title: 'Too many attempts',
    text: 'Trying again meanwhile does not help, and does not make it longer either.',
  },
  ERR_UNAVAILABLE: {
    title: 'Closed for a moment',
    text: 'Sessions cannot be read right now. You have not been signed out: try again shortly.',
  },
}

/** `path` is what was asked for: the page to return to after signing in. */
export function problemPage(view: View, facts: ErrorFacts, path: string): string {
  const { status, code, retryAfterSeconds } = facts
  const { title, text } = words[code] ?? { title: facts.title, text: facts.detail }
  const isWait = code === 'ERR_RATE_LIMITED' && retryAfterSeconds !== null
  const content = frame(status, { title, text }, [
    isWait && countdown(retryAfterSeconds),
    code === 'ERR_UNAUTHENTICATED' &&
      html`<a class="button primary" href="/sign-in?next=${encodeURIComponent(path)}">Sign in</a>`,
  ])
  return renderPage(view, { title, content, ...(isWait && { script: '/countdown.js' }) })
}

export function notFoundPage(view: View): string {
  const title = 'Nothing hangs here'
  const content = frame(404, { title, text: 'There is no page at this address.' }, [])
  return renderPage(view, { title, content })
}

function frame(status: number, { title, text }: Words, more: readonly (Html | false)[]): Html {
  return html`<section class="card narrow centered">
    <p class="status">${status}</p>
    <h1>${title}</h1>
    <p>${text}</p>
    ${more}
    <p class="hint"><a href="/">Back to the start</a></p>
  </section>`
}

function countdown(seconds: number): Html {
  return html`<p class="countdown" role="timer" data-seconds="${seconds}">Wait ${describeWait(seconds)}.</p>`
}
