import type { SessionEntry } from 'cloakroom'
import { type Html, html } from '../html.ts'
import { renderPage, type View } from './layout.ts'
import { renderTime } from './time.ts'

export function sessionsPage(view: View, sessions: readonly SessionEntry[]): string {
  const content = html`
    <div class="heading">
      <div>
        <h1>Your sessions</h1>
        <p>Where you are signed in. End what you do not recognise: it takes effect at once.</p>
      </div>
      ${sessions.length > 1 && endOthers(view)}
    </div>
    <ul class="cards" role="list">${sessions.map(session => sessionCard(view, session))}</ul>`
  return renderPage(view, { title: 'Your sessions', content })
}

function endOthers(view: View): Html {
  return html`<form method="post" action="/sessions/end-others">
    ${view.csrfField()}
    <button class="danger">End all others</button>
  </form>`
}

function sessionCard(view: View, session: SessionEntry): Html {
  const { id, device, ip, isCurrent, createdAt, seenAt, expiresAt } = session
  return html`<li class="card session">
    <div class="grow">
      <h2>${device ?? 'Unknown device'} ${isCurrent && html`<span class="badge">This one</span>`}</h2>
      <dl class="facts">
        <div><dt>Address</dt><dd>${ip ?? 'unknown'}</dd></div>
        <div><dt>Signed in</dt><dd>${renderTime(createdAt)}</dd></div>
        <div><dt>Last seen</dt><dd>${renderTime(seenAt)}</dd></div>
        <div><dt>Ends</dt><dd>${renderTime(expiresAt)}</dd></div>
      </dl>
    </div>
    <form method="post" action="/sessions/end">
      ${view.csrfField()}
      <input type="hidden" name="id" value="${id}">
      <button aria-label="End this one: ${device ?? 'Unknown device'}, ${ip ?? 'unknown address'}">End this one</button>
    </form>
  </li>`
}
