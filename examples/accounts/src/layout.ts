import type { CurrentUser } from 'cloakroom'
import type { Response } from 'express'
import { type Html, html, render } from './html.ts'

/** What every page needs of the request that it answers. */
export interface View {
  readonly user: CurrentUser | null
  /** Whether the user may open the console. */
  readonly isOperator: boolean
  /** The hidden field that proves that a form came from a page of ours. */
  csrfField(): Html
}

export function viewOf({ req: { session }, locals }: Response): View {
  return {
    user: session.user,
    isOperator: session.hasPermission('accounts:read'),
    csrfField: () => html`<input type="hidden" name="_csrf" value="${locals.csrfToken()}">`,
  }
}

export function renderPage(view: View, title: string, content: Html): string {
  return render(html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · Cloakroom</title>
  <link rel="icon" href="/logo.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/shop.css">
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  ${banner(view)}
  <header>
    <a class="brand" href="/"><img src="/logo.svg" alt="" width="28" height="28">Cloakroom</a>
    <nav aria-label="Account">${links(view)}</nav>
  </header>
  <main id="main">${content}</main>
</body>
</html>
`)
}

function links(view: View): Html {
  if (view.user === null) {
    return html`<a href="/login">Sign in</a>
      <a class="button" href="/register">Create account</a>`
  }
  return html`${view.isOperator && html`<a href="/admin">Console</a>`}
    <a href="/account">Your account</a>
    <form method="post" action="/logout">
      ${view.csrfField()}
      <button class="quiet">Sign out</button>
    </form>`
}

/** Pages of the application say themselves when an administrator looks at them as somebody else. */
function banner({ user, csrfField }: View): Html | null {
  if (!user?.actor) return null
  return html`<form class="banner" method="post" action="/impersonation/stop" role="status">
    ${csrfField()}
    <span>You act in somebody else’s place.</span>
    <button>Back to yourself</button>
  </form>`
}
