import { createElement } from 'react'
import { renderToString } from 'react-dom/server'
import { describe, expect, it } from 'vitest'
import { type AccountsClient, createAccountsClient } from '../client/client.ts'
import type { CurrentSession } from '../wire/own-calls.ts'
import { LoginForm } from './login-form.tsx'
import { RequireRole } from './require-role.tsx'
import { SessionProvider } from './session.tsx'

const user = {
  id: '7',
  email: 'ada@example.org',
  name: 'Ada',
  role: 'moderator',
  roles: ['guest', 'user', 'moderator'],
  permissions: [],
}
const settings = {
  isRegistrationOpen: true,
  passwordMinLength: 15,
  passwordMaxLength: 256,
  providers: [],
}
const visitor: CurrentSession = {
  user: null,
  impersonation: null,
  endsInSeconds: null,
  ended: null,
  csrfToken: 'x',
  settings,
}

/** A client that has heard of a session, or of none yet. */
async function clientOf(session: CurrentSession | null): Promise<AccountsClient> {
  const client = createAccountsClient({ fetch: async () => Response.json(session) })
  if (session !== null) await client.refresh()
  return client
}

async function render(session: CurrentSession | null, atLeast: string): Promise<string> {
  const guard = { atLeast, fallback: 'no', loading: 'wait' }
  const child = createElement(RequireRole, guard, 'yes')
  return renderToString(createElement(SessionProvider, { client: await clientOf(session) }, child))
}

describe('RequireRole', () => {
  it('shows what is within to that role and those above it', async () => {
    const session = { ...visitor, user }
    expect(await render(session, 'user')).toBe('yes')
    expect(await render(session, 'moderator')).toBe('yes')
    expect(await render(session, 'admin')).toBe('no')
    expect(await render(session, 'made-up')).toBe('no')
  })

  it('shows it to no visitor, and to nobody before it is known who is there', async () => {
    expect(await render(visitor, 'user')).toBe('no')
    expect(await render(visitor, 'guest')).toBe('no')
    expect(await render(null, 'user')).toBe('wait')
  })
})

describe('SessionProvider', () => {
  it('gives components other texts', async () => {
    const props = { client: await clientOf(visitor), texts: { signIn: 'Anmelden' } }
    const html = renderToString(createElement(SessionProvider, props, createElement(LoginForm)))
    expect(html).toContain('Anmelden')
    expect(html).toContain('E-mail address')
  })

  it('must be there', () => {
    expect(() => renderToString(createElement(LoginForm))).toThrow('SessionProvider')
  })
})
