import { type Html, html } from '../html.ts'
import { renderPage, type View } from './layout.ts'

/** What a form is shown with. */
export interface FormState {
  readonly name?: string
  /** Why it was refused. */
  readonly problem?: string
}

export function signInPage(view: View, { name = '', problem, next = '/' }: SignInState): string {
  const content = html`<section class="card narrow">
    <h1>Sign in</h1>
    ${problemOf(problem)}
    <form class="stack" method="post" action="/sign-in">
      ${view.csrfField()}
      <input type="hidden" name="next" value="${next}">
      <label for="name">Name</label>
      <input id="name" name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="current-password" required>
      <label class="check"><input type="checkbox" name="remember"> Stay signed in on this device</label>
      <button class="primary">Sign in</button>
    </form>
    <p class="hint">
      No account yet? <a href="/register">Register</a>. The administrator’s password stands in the
      terminal in which this demo was started.
    </p>
  </section>`
  return renderPage(view, { title: 'Sign in', content })
}

export interface SignInState extends FormState {
  /** Where to go afterwards. */
  readonly next?: string
}

export function registerPage(view: View, { name = '', problem }: FormState): string {
  const content = html`<section class="card narrow">
    <h1>Register</h1>
    ${problemOf(problem)}
    <form class="stack" method="post" action="/register">
      ${view.csrfField()}
      <label for="name">Name</label>
      <input id="name" name="name" value="${name}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus aria-describedby="name-hint">
      <small id="name-hint">3 to 32 letters and digits, such as ada or ada.lovelace</small>
      <label for="password">Password</label>
      <input id="password" name="password" type="password" autocomplete="new-password" minlength="8" maxlength="200" required aria-describedby="password-hint">
      <small id="password-hint">8 characters or more</small>
      <button class="primary">Register</button>
    </form>
    <p class="hint">Accounts of this demo live in memory, until it is stopped.</p>
  </section>`
  return renderPage(view, { title: 'Register', content })
}

function problemOf(problem: string | undefined): Html | false {
  return problem !== undefined && html`<p class="problem" role="alert">${problem}</p>`
}
