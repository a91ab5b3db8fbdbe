import { beforeEach, describe, expect, it } from 'vitest'
import { otherPassword } from '../../../../test/support/accounts.ts'
import {
  type AccountsSite,
  createAccountsSite,
  type SiteBrowser,
} from '../../../../test/support/accounts-site.ts'

let site: AccountsSite
let admin: SiteBrowser
let ada: SiteBrowser
let adaId: string

beforeEach(async () => {
  site = await createAccountsSite()
  admin = await site.signIn({ email: 'root@example.org', role: 'admin', name: 'Root' })
  ada = await site.signIn()
  adaId = (await site.stores.accounts.findByLogin('ada@example.org'))?.id ?? ''
  await admin.get(`/admin/users/${adaId}`)
})

const adaNow = () => site.stores.accounts.findById(adaId)

describe('/admin/users', () => {
  it('finds people by name, role and status', async () => {
    const found = async (query: string) =>
      [...(await admin.get(`/admin/users?${query}`)).text.matchAll(/users\/[\w-]+">([^<]+)</g)].map(
        ([, name]) => name,
      )
    expect(await found('')).toEqual(['Ada', 'Root'])
    expect(await found('search=ADA')).toEqual(['Ada'])
    expect(await found('role=admin')).toEqual(['Root'])
    expect(await found('status=disabled')).toEqual([])
    expect(await found('role=nonsense&status=nonsense')).toEqual(['Ada', 'Root'])
  })

  it('invites somebody, who chooses the password', async () => {
    const guest = { email: 'grace@example.org', name: 'Grace', role: 'moderator' }
    expect((await admin.post('/admin/users/invite', guest)).location).toBe(
      '/admin/users?done=invited',
    )
    const visitor = site.openBrowser()
    const link = await site.link()
    await visitor.get(link)
    const token = new URL(link, 'https://shop.example').searchParams.get('token') ?? ''
    await visitor.post('/invitation', { token, 'new-password': otherPassword })
    expect(await site.stores.accounts.findByLogin('grace@example.org')).toMatchObject({
      role: 'moderator',
      name: 'Grace',
    })
  })

  it.each([
    ['email', { email: 'nobody' }],
    ['email', { email: 'ada@example.org' }],
    ['name', { name: 'x'.repeat(300) }],
    ['email', { role: 'emperor' }],
  ])('says what is wrong about an invitation: %s', async (field, given) => {
    const usual = { email: 'grace@example.org', name: 'Grace', role: 'user' }
    const { status, text } = await admin.post('/admin/users/invite', { ...usual, ...given })
    expect(status).toBe(422)
    expect(text).toContain(`id="invite-${field}-problem"`)
    expect(text).toContain('<details class="panel" open')
  })
})

describe('/admin/users/…', () => {
  it('gives another role, at once', async () => {
    const { location } = await admin.post('/admin/users/role', { id: adaId, role: 'moderator' })
    expect(location).toBe(`/admin/users/${adaId}?done=changed`)
    expect((await adaNow())?.role).toBe('moderator')
    expect((await ada.get('/account')).status).toBe(303)
  })

  it('disables an account and ends its sessions, and enables it again', async () => {
    await admin.post('/admin/users/status', { id: adaId, status: 'disabled' })
    expect((await adaNow())?.status).toBe('disabled')
    expect((await ada.get('/account')).status).toBe(303)
    await admin.post('/admin/users/status', { id: adaId, status: 'active' })
    expect((await adaNow())?.status).toBe('active')
  })

  it('ends all sessions of somebody [ASVS 7.4.5]', async () => {
    await admin.post('/admin/users/end-sessions', { id: adaId })
    expect((await ada.get('/account')).status).toBe(303)
  })

  it('mails a link to choose another password', async () => {
    await admin.post('/admin/users/reset', { id: adaId })
    expect(await site.link()).toMatch(/^\/reset\?token=/)
  })

  it('deletes an account', async () => {
    const { location } = await admin.post('/admin/users/delete', { id: adaId })
    expect(location).toBe('/admin/users?done=deleted')
    expect(await adaNow()).toBeNull()
    expect((await admin.get(`/admin/users/${adaId}`)).status).toBe(404)
  })

  it('says that the last administrator has to stay', async () => {
    const { accounts } = site.stores
    const id = (await accounts.findByLogin('root@example.org'))?.id ?? ''
    const { status, text } = await admin.post('/admin/users/role', { id, role: 'user' })
    expect([status, text]).toEqual([409, expect.stringContaining('This is the last administrator')])
    expect((await accounts.findById(id))?.role).toBe('admin')
  })

  it('has an administrator act as somebody, and come back', async () => {
    const short = await admin.post('/admin/users/impersonate', { id: adaId, reason: 'short' })
    expect(short.status).toBe(422)
    expect(short.text).toContain('id="reason-problem"')
    const reason = 'Their invoice does not open'
    const { location } = await admin.post('/admin/users/impersonate', { id: adaId, reason })
    expect(location).toBe('/')
    const { text } = await admin.get('/account')
    expect(text).toContain('You act as Ada.')
    expect(text).not.toContain('href="/admin"')
    await admin.post('/impersonation/stop')
    expect((await admin.get('/admin')).status).toBe(200)
  })

  it('offers a moderator what moderators may do, and nothing to do to those above', async () => {
    const moderator = await site.signIn({ email: 'mo@example.org', role: 'moderator' })
    const actions = async (id: string) =>
      [
        ...(await moderator.get(`/admin/users/${id}`)).text.matchAll(
          /action="\/admin\/users\/([\w-]+)"/g,
        ),
      ].map(([, action]) => action)
    expect(await actions(adaId)).toEqual(['end-sessions'])
    const rootId = (await site.stores.accounts.findByLogin('root@example.org'))?.id ?? ''
    expect(await actions(rootId)).toEqual([])
  })
})
