import { beforeEach, describe, expect, it } from 'vitest'
import { password } from '../../../../test/support/accounts.ts'
import {
  type AccountsSite,
  createAccountsSite,
  type SiteBrowser,
} from '../../../../test/support/accounts-site.ts'
import { liveAnHour } from '../../../../test/support/console-life.ts'
import type { AccountFeature } from '../account/store.ts'
import { createMemoryAccounts } from '../memory/accounts.ts'

let site: AccountsSite
let admin: SiteBrowser

beforeEach(async () => {
  site = await createAccountsSite()
  admin = await site.signIn({ email: 'root@example.org', role: 'admin', name: 'Root' })
})

/** The words of a page, as somebody reads them. */
async function read(browser: SiteBrowser, path: string): Promise<string> {
  const { status, text } = await browser.get(path)
  expect(status).toBe(200)
  return wordsOf(text)
}

function wordsOf(html: string): string {
  const main = html.slice(html.indexOf('<main'))
  const words = main.replace(/<script[^>]*>.*?<\/script>/gs, '').replace(/<[^>]+>/g, ' ')
  return words.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replace(/\s+/g, ' ')
}

/** The value of a hidden field of the first form that goes to an address. */
function fieldsOf(html: string, action: string): Record<string, string> {
  const form = new RegExp(`<form[^>]*action="${action}".*?</form>`, 's').exec(html)?.[0] ?? ''
  const fields = form.matchAll(/name="([^"]+)" value="([^"]*)"/g)
  return Object.fromEntries([...fields].map(([, name = '', value = '']) => [name, value]))
}

describe('the way to the console', () => {
  it('is shown to those who may open it', async () => {
    const link = '<a href="/admin">Administration</a>'
    expect((await admin.get('/account')).text).toContain(link)
    const user = await site.signIn()
    expect((await user.get('/account')).text).not.toContain('/admin')
  })

  it('leads a moderator to the parts for moderators', async () => {
    const moderator = await site.signIn({ email: 'mo@example.org', role: 'moderator' })
    const { text } = await moderator.get('/admin')
    expect([...text.matchAll(/href="(\/admin[^"]*)"/g)].map(([, path]) => path)).toEqual([
      '/admin',
      '/admin',
      '/admin/sessions',
      '/admin/users',
      '/admin/limits',
    ])
  })

  it('leaves out what the accounts of an application cannot do', async () => {
    const usual = createMemoryAccounts()
    const without = async (...lacks: AccountFeature[]) => {
      const shop = await createAccountsSite({ accounts: { ...usual, lacks: new Set(lacks) } })
      const email = `${lacks.join('.')}@example.org`
      return shop.signIn({ email, role: 'admin' })
    }
    expect((await (await without('list')).get('/admin')).text).not.toContain('/admin/users')
    const { text } = await (await without('creation')).get('/admin/users')
    expect(text).toContain('creation@example.org')
    expect(text).not.toContain('/admin/users/invite')
  })

  it('leads nowhere when there is to be no console', async () => {
    const bare = await createAccountsSite({ admin: false })
    const root = await bare.signIn({ email: 'root@example.org', role: 'admin' })
    expect((await root.get('/account')).text).not.toContain('Administration')
    await expect(root.get('/admin')).rejects.toThrow('not answered')
  })

  it('begins with the base, and speaks the language of the pages', async () => {
    const german = await createAccountsSite({ base: '/auth', texts: 'de' })
    await german.addAccount({ email: 'root@example.org', role: 'admin' })
    const root = german.openBrowser()
    await root.get('/auth/login')
    await root.post('/auth/login', { email: 'root@example.org', password })
    const { text } = await root.get('/auth/admin')
    expect(text).toContain('<a href="/auth/admin/log">Protokoll</a>')
    expect(text).toContain('Aktive Sitzungen')
    expect(
      [...text.matchAll(/(?:href|action|src|data-activity)="(\/[^"]*)"/g)].length,
    ).toBeGreaterThan(8)
    for (const [, path = ''] of text.matchAll(/(?:action|src|data-activity)="(\/[^"]*)"/g)) {
      expect(path).toMatch(/^\/auth\//)
    }
  })
})

describe('/admin', () => {
  it('shows the last hour as numbers and as a table, without any script', async () => {
    await liveAnHour(site)
    admin = await site.signIn({ email: 'late@example.org', role: 'admin' })
    const words = await read(admin, '/admin')
    expect(words).toMatch(/Active sessions 1\d\d now Sign-ins \d\d in the last hour/)
    expect(words).toMatch(/Failed sign-ins 1\d\d in the last hour/)
    expect(words).toMatch(/2026-01-01 00:36 UTC \d\d \d+ [4-9]\d \d\d/)
  })

  it('gives scripts the same numbers', async () => {
    const { text } = await admin.get('/admin/activity')
    expect(JSON.parse(text)).toMatchObject({ sessions: 1, totals: { signIns: 1 } })
  })
})

describe('/admin/sessions', () => {
  it('finds sessions, and ends one', async () => {
    const ada = await site.signIn()
    const { text } = await admin.get('/admin/sessions?user=ada')
    expect(wordsOf(text)).toContain('Ada ada@example.org')
    const fields = fieldsOf(text, '/admin/sessions/end')
    const { location } = await admin.post('/admin/sessions/end', fields)
    expect(location).toBe('/admin/sessions?done=ended')
    expect(await read(admin, '/admin/sessions?done=ended')).toContain('The session has ended.')
    expect((await ada.get('/account')).status).toBe(303)
    expect(await read(admin, '/admin/sessions?user=ada')).toContain('No session fits.')
  })

  it('ends all sessions of an address, but not of one’s own, nor of what is none', async () => {
    const ada = await site.signIn()
    const page = await admin.get(`/admin/sessions?address=${ada.address}`)
    expect(wordsOf(page.text)).toContain(`Everybody who signed in from ${ada.address}`)
    const end = (address: string) => admin.post('/admin/sessions/end-address', { address })
    expect((await end('nowhere')).status).toBe(422)
    const own = await end(admin.address)
    expect([own.status, wordsOf(own.text)]).toEqual([422, expect.stringContaining('own address')])
    expect((await end(ada.address)).location).toBe('/admin/sessions?done=address')
    expect((await ada.get('/account')).status).toBe(303)
  })

  it('asks for the password first when it was entered long ago', async () => {
    await admin.get('/admin/sessions')
    site.clock.advance(11 * 60_000)
    await site.signIn()
    const asked = await admin.post('/admin/sessions/end-address', { address: '203.0.113.9' })
    expect([asked.status, wordsOf(asked.text)]).toEqual([
      403,
      expect.stringContaining('Is it you?'),
    ])
    const fields = fieldsOf(asked.text, '/admin/sessions/end-address')
    expect(fields['address']).toBe('203.0.113.9')
    const wrong = await admin.post('/admin/sessions/end-address', { ...fields, password: 'wrong' })
    expect(wrong.status).toBe(422)
    const { _csrf: _, ...rest } = fields
    const done = await admin.post('/admin/sessions/end-address', { ...rest, password })
    expect(done.location).toBe('/admin/sessions?done=address')
  })
})

describe('/admin/limits', () => {
  it('blocks, finds and lifts', async () => {
    const rule = 'login_address'
    await admin.get('/admin/limits')
    const block = { rule, subject: '203.0.113.9', length: 'day', reason: 'Guesses passwords' }
    expect((await admin.post('/admin/limits/block', block)).location).toBe(
      '/admin/limits?done=blocked',
    )
    const { text } = await admin.get('/admin/limits?subject=203.0.113.9')
    expect(wordsOf(text)).toContain(
      '203.0.113.9 Sign-in from an address Guesses passwords 2026-01-02 00:00 UTC Unblock',
    )
    const { location } = await admin.post(
      '/admin/limits/unblock',
      fieldsOf(text, '/admin/limits/unblock'),
    )
    expect(location).toBe('/admin/limits?done=unblocked')
    expect(await read(admin, '/admin/limits')).toContain('Nobody is blocked.')
    const again = await admin.post('/admin/limits/unblock', { rule, version: 'x', id: 'y' })
    expect(again.status).toBe(409)
  })

  it.each([
    ['subject', { subject: 'nowhere' }],
    ['reason', { reason: '' }],
    ['duration', { length: 'ever' }],
  ])('says what is wrong about the %s', async (_name, given) => {
    await admin.get('/admin/limits')
    const usual = { rule: 'login_address', subject: '203.0.113.9', length: 'hour', reason: 'Why' }
    const { status, text } = await admin.post('/admin/limits/block', { ...usual, ...given })
    expect(status).toBe(422)
    expect(text).toMatch(/aria-describedby="[^"]*block-(subject|reason)-problem"/)
  })
})

describe('/admin/log', () => {
  it('shows what happened, to whom, and by whom', async () => {
    const id = await site.addAccount({ name: 'Ada' })
    await admin.get(`/admin/users/${id}`)
    await admin.post('/admin/users/status', { id, status: 'disabled' })
    const words = await read(admin, '/admin/log?type=account_disabled')
    expect(words).toContain('account_disabled 2026-01-01 00:00:00 UTC Ada Root')
    const asked = 'user=ada%40example.org&actor=root%40example.org'
    expect(await read(admin, `/admin/log?${asked}`)).toContain('account_disabled')
    expect(await read(admin, '/admin/log?actor=ada%40example.org')).toContain('Nothing fits.')
  })

  it('goes on page by page', async () => {
    for (let count = 0; count < 60; count += 1) {
      site.cloakroom.events.emit({ type: 'csrf_failed', reason: `number ${count}` })
    }
    const { text } = await admin.get('/admin/log?type=csrf_failed')
    expect(text).toContain('number 59')
    expect(text).not.toContain('number 9<')
    const next = /href="(\/admin\/log\?type=csrf_failed&amp;cursor=[^"]+)"/.exec(text)?.[1] ?? ''
    const second = await admin.get(next.replaceAll('&amp;', '&'))
    expect(second.text).toContain('number 9<')
    expect(second.text).not.toContain('data-live')
  })

  it('is exported as lines of JSON and as CSV, as it was searched', async () => {
    const lines = await admin.get('/admin/log/export?format=jsonl&type=auth_success')
    expect(lines.headers.get('content-type')).toContain('application/jsonl')
    expect(
      lines.text
        .trim()
        .split('\n')
        .map(line => JSON.parse(line).event_type),
    ).toEqual(['auth_success'])
    const csv = await admin.get('/admin/log/export?format=csv&type=auth_success')
    expect(csv.headers.get('content-type')).toContain('text/csv')
    expect(csv.text.trim().split('\r\n')).toHaveLength(2)
  })
})

describe('/admin/keys and /admin/health', () => {
  it('say how the site is', async () => {
    expect(await read(admin, '/admin/keys')).toMatch(/Live sessions [0-9a-f]{8} seals 1 Counted:/)
    expect(await read(admin, '/admin/health')).toContain('Storage memory')
  })
})
