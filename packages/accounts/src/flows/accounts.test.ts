import { describe, expect, it } from 'vitest'
import { createAccountsWorld } from '../../../../test/support/accounts.ts'
import type { AccountFlowsOptions } from './accounts.ts'

const open = (options: Partial<AccountFlowsOptions> & Record<string, unknown>) => () =>
  createAccountsWorld(options)

describe('createAccountFlows', () => {
  it.each<[string, Record<string, unknown>]>([
    ['accounts.publicURL', { publicURL: 'https://example.org' }],
    ['publicUrl', { publicUrl: 'http://example.org' }],
    ['publicUrl', { publicUrl: 'nonsense' }],
    ['accounts.registration', { registration: 'maybe' }],
    ['accounts.linkLife.reset', { linkLife: { reset: '25h' } }],
    ['accounts.linkLife.reset', { linkLife: { reset: '30s' } }],
    ['accounts.recent', { recent: 0 }],
    ['accounts.impersonation', { impersonation: '5h' }],
    ['hasher.passes', { hasher: { passes: 0 } }],
    ['passwords.minLength', { passwords: { minLength: 4 } }],
    ['owner', { adminRole: 'owner' }],
    ['member', { newRole: 'member' }],
  ])('refuses `%s`: %j', (name, options) => {
    expect(open(options)).toThrow(`\`${name}\``)
  })

  it('waits by the timers of Node.js unless told otherwise', () => {
    expect(open({ wait: undefined })).not.toThrow()
  })

  it('writes mails in other words', async () => {
    const world = createAccountsWorld({
      mails: {
        resetPassword: ({ link, lifeMs }) => ({ subject: 'Neu', text: `${lifeMs}: ${link}` }),
      },
      linkLife: { reset: '30m' },
      paths: { reset: '/neu' },
    })
    await world.addAccount({ email: 'ada@example.org' })
    await world
      .openBrowser()
      .visit(visit => world.accounts.forgotPassword({ login: 'ada@example.org' }, visit))
    const [mail] = await world.mails()
    expect(mail?.text).toMatch(/^1800000: https:\/\/testshop\.example\/neu\?token=[\w-]{43}$/)
  })

  it('says of a link whom it is for, or that it works no more', async () => {
    const world = createAccountsWorld()
    expect(await world.accounts.peekLink('reset', 'x'.repeat(43))).toBeNull()
  })
})
