import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openEmbedded } from '../../packages/accounts/src/sql/embedded.ts'
import { createSqlStores } from '../../packages/accounts/src/sql/stores.ts'
import {
  type AccountsSite,
  createAccountsSite,
  type SiteBrowser,
} from '../support/accounts-site.ts'

let site: AccountsSite
let admin: SiteBrowser
let close: () => Promise<void>

beforeAll(async () => {
  const database = await openEmbedded({})
  close = database.close
  const { accounts } = createSqlStores(database, { adminRole: 'admin' })
  site = await createAccountsSite({ accounts })
  admin = await site.signIn({ email: 'root@example.org', role: 'admin' })
})

afterAll(async () => {
  await close()
})

/** What databases, keys, cursors and addresses choke on. */
const odd = [
  '\0',
  '\ud800',
  '%',
  '_',
  "'",
  '\\',
  '__proto__',
  '../x',
  '*',
  '1e999',
  'x'.repeat(5000),
]

const fields = ['user', 'address', 'device', 'search', 'role', 'status', 'subject', 'type', 'actor']

describe('odd input to the console', () => {
  it.each(odd)('breaks no page: %j', async text => {
    const query = new URLSearchParams(
      [...fields, 'ip', 'cursor', 'format', 'done'].map((name): [string, string] => [name, text]),
    ).toString()
    for (const page of ['', '/activity', '/sessions', '/users', '/limits', '/log', '/log/rows']) {
      expect([page, (await admin.get(`/admin${page}?${query}`)).status]).toEqual([page, 200])
    }
    expect((await admin.get(`/admin/log/export?${query}`)).status).toBe(200)
    for (const name of ['user', 'address', 'device', 'cursor']) {
      const one = new URLSearchParams({ [name]: text }).toString()
      expect([name, (await admin.get(`/admin/sessions?${one}`)).status]).toEqual([name, 200])
    }
    const cursor = new URLSearchParams({ user: 'root', cursor: `a.${text}` }).toString()
    expect((await admin.get(`/admin/sessions?${cursor}`)).status).toBe(200)
  })

  it.each(odd)('breaks no form: %j', async text => {
    const names = ['id', 'email', 'name', 'role', 'status', 'address', 'rule', 'subject', 'length']
    const form = Object.fromEntries([...names, 'reason', 'version'].map(name => [name, text]))
    const posts = site.accounts.routes.filter(
      ({ method, path }) => method === 'POST' && path.startsWith('/admin/'),
    )
    expect(posts.length).toBeGreaterThan(8)
    await admin.get('/admin/sessions')
    for (const { path } of posts) {
      const { status } = await admin.post(path, form)
      expect([path, status < 500]).toEqual([path, true])
    }
    const id = encodeURIComponent(text.toWellFormed())
    expect((await admin.get(`/admin/users/${id}`)).status).toBe(404)
  })
})
