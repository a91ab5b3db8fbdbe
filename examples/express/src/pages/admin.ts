import type { EventType, RedisHealth, SessionEntry } from 'cloakroom'
import { type Html, html } from '../html.ts'
import { renderPage, type View } from './layout.ts'
import { renderTime } from './time.ts'

/** What the admin page shows. */
export interface AdminFacts {
  readonly entries: readonly SessionEntry[]
  /** Handle of the session that looks at the page. */
  readonly ownId: string | null
  /** Of the next page; null on the last one. */
  readonly cursor: string | null
  /** How many sessions each key sealed. */
  readonly keys: ReadonlyMap<string, number>
  /** Null for a store in memory. */
  readonly health: RedisHealth | null
  readonly events: Readonly<Record<EventType, number>>
}

export function adminPage(view: View, facts: AdminFacts): string {
  const content = html`
    <h1>Administration</h1>
    ${tiles(facts)}
    ${sessionTable(view, facts)}
    <div class="columns">
      ${eventCard(facts)}
      ${keyCard(facts)}
    </div>`
  return renderPage(view, { title: 'Administration', content })
}

function tiles({ keys, health, events }: AdminFacts): Html {
  const living = [...keys.values()].reduce((sum, count) => sum + count, 0)
  return html`<dl class="tiles">
    <div><dt>Sessions</dt><dd>${living}</dd></div>
    <div><dt>Refused passwords</dt><dd>${events.auth_failure}</dd></div>
    <div><dt>Forged requests</dt><dd>${events.csrf_failed}</dd></div>
    <div>
      <dt>Store</dt>
      <dd class="store">${health === null ? 'Memory' : health.ok ? 'Healthy' : 'Down'}</dd>
      <dd><small>${health === null ? 'of this process' : describeHealth(health)}</small></dd>
    </div>
  </dl>
  ${(health?.warnings ?? []).map(warning => html`<p class="warning">${warning}</p>`)}`
}

function describeHealth({ version, latencyMs }: RedisHealth): string {
  return `Redis ${version ?? ''}, ${latencyMs} ms`
}

function sessionTable(view: View, { entries, ownId, cursor }: AdminFacts): Html {
  return html`<section class="card" aria-labelledby="sessions-title">
    <h2 id="sessions-title">All sessions</h2>
    <table>
      <thead>
        <tr><th>Who</th><th>Device</th><th>Address</th><th>Last seen</th><th><span class="hidden">Action</span></th></tr>
      </thead>
      <tbody>${entries.map(session => sessionRow(view, session, session.id === ownId))}</tbody>
    </table>
    ${cursor !== null && html`<p><a class="button" href="/admin?cursor=${encodeURIComponent(cursor)}">Next page</a></p>`}
  </section>`
}

function sessionRow(view: View, session: SessionEntry, isOwn: boolean): Html {
  const { id, userId, role, device, ip, seenAt } = session
  return html`<tr>
    <td data-label="Who">${userId ?? html`<em>visitor</em>`} ${role === 'admin' && html`<span class="badge">admin</span>`} ${isOwn && html`<span class="badge">this one</span>`}</td>
    <td data-label="Device">${device ?? 'unknown'}</td>
    <td data-label="Address">${ip ?? 'unknown'}</td>
    <td data-label="Last seen">${renderTime(seenAt)}</td>
    <td class="action">
      <form method="post" action="/admin/end">
        ${view.csrfField()}
        <input type="hidden" name="id" value="${id}">
        <button aria-label="End the session of ${userId ?? 'a visitor'}, ${device ?? 'unknown device'}">End</button>
      </form>
    </td>
  </tr>`
}

function eventCard({ events }: AdminFacts): Html {
  const happened = Object.entries(events).filter(([, count]) => count > 0)
  const byCount = happened.toSorted(([, left], [, right]) => right - left)
  return html`<section class="card" aria-labelledby="events-title">
    <h2 id="events-title">Events since the start</h2>
    <dl class="counts">
      ${byCount.map(([type, count]) => html`<div><dt><code>${type}</code></dt><dd>${count}</dd></div>`)}
    </dl>
  </section>`
}

function keyCard({ keys }: AdminFacts): Html {
  return html`<section class="card" aria-labelledby="keys-title">
    <h2 id="keys-title">Keys</h2>
    <p>How many sessions each key sealed. A key with none may be taken out of the ring.</p>
    <dl class="counts">
      ${[...keys].map(([id, count]) => html`<div><dt><code>${id}</code></dt><dd>${count}</dd></div>`)}
    </dl>
  </section>`
}
