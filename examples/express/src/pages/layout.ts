import type { CurrentUser } from 'cloakroom'
import type { Response } from 'express'
import { type Html, html, render } from '../html.ts'

/** What every page needs of the request that it answers. */
export interface View {
  readonly path: string
  readonly user: CurrentUser | null
  readonly nonce: string
  /** The hidden field that proves that a form came from a page of ours. */
  csrfField(): Html
}

/** What a page consists of. */
export interface Page {
  readonly title: string
  readonly content: Html
  /** Path of a script. */
  readonly script?: string
}

export function viewOf({ req: { path, session }, locals }: Response): View {
  return {
    path,
    // While Redis does not answer, nobody can say who is signed in.
    user: session.state === 'valid' ? session.user : null,
    nonce: locals.nonce,
    csrfField: () => html`<input type="hidden" name="_csrf" value="${locals.csrfToken()}">`,
  }
}

export function renderPage(view: View, { title, content, script }: Page): string {
  return render(html`<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title} · Cloakroom</title>
  <link rel="icon" href="/logo.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/style.css">
  ${script !== undefined && html`<script src="${script}" nonce="${view.nonce}" defer></script>`}
</head>
<body>
  <a class="skip" href="#main">Skip to the content</a>
  <header class="bar">
    <a class="brand" href="/"><img src="/logo.svg" alt="" width="32" height="32">Cloakroom</a>
    <nav aria-label="Pages">
      ${link(view, '/', 'Home')}
      ${view.user !== null && link(view, '/sessions', 'Sessions')}
      ${view.user?.role === 'admin' && link(view, '/admin', 'Admin')}
    </nav>
    ${view.user === null ? signInLinks(view) : account(view, view.user)}
  </header>
  <main id="main">${content}</main>
</body>
</html>
`)
}

function link({ path }: View, href: string, text: string): Html {
  return html`<a href="${href}"${path === href && html` aria-current="page"`}>${text}</a>`
}

function signInLinks(view: View): Html {
  return html`<div class="account">
    ${link(view, '/sign-in', 'Sign in')}
    <a class="button" href="/register">Register</a>
  </div>`
}

function account(view: View, user: CurrentUser): Html {
  return html`<form class="account" method="post" action="/sign-out">
    ${view.csrfField()}
    <span class="who">${user.id}</span>
    <button class="quiet">Sign out</button>
  </form>`
}
