import { describe, expect, it } from 'vitest'
import { englishMails } from './english.ts'
import { germanMails } from './german.ts'
import { resolveMails } from './languages.ts'
import { createLinks } from './links.ts'
import { createPrintedMailer } from './printed.ts'
import { describeLife, type MailFacts } from './texts.ts'

const facts: MailFacts = {
  product: 'Shop',
  name: 'Ada',
  link: 'https://shop.example.org/verify?token=t',
  lifeMs: 600_000,
  newEmail: 'a…@example.org',
  ip: '192.0.2.7',
  device: 'Firefox on Linux',
}

describe('englishMails', () => {
  it.each(Object.entries(englishMails))('write %s', (kind, write) => {
    const { subject, text } = write(facts)
    expect(subject).toContain('Shop')
    expect(subject).not.toMatch(/[\r\n]/)
    expect(text).toMatch(/^Hello Ada,\n\n/)
    const hasLink = /^(confirm|invitation|reset)/.test(kind)
    expect(text.includes(facts.link)).toBe(hasLink)
  })

  it('greet those too whose name is not known', () => {
    const { text } = englishMails.resetPassword({ ...facts, name: '', ip: '' })
    expect(text).toMatch(/^Hello,\n\n[^,]*, hopefully you, asked .* at Shop\.\n/)
  })
})

describe('germanMails', () => {
  it.each(Object.entries(germanMails))('write %s', (kind, write) => {
    const { subject, text } = write(facts)
    expect(subject).toContain('Shop')
    expect(text).toMatch(/^Hallo Ada,\n\n/)
    const hasLink = /^(confirm|invitation|reset)/.test(kind)
    expect([text.includes(facts.link), text.includes('Er gilt 10 Minuten.')]).toEqual([
      hasLink,
      hasLink,
    ])
  })

  it('greet those too whose name is not known', () => {
    const { text } = germanMails.resetPassword({ ...facts, name: '', ip: '' })
    expect(text).toMatch(/^Hallo,\n\nJemand, hoffentlich du, möchte ein neues Passwort bei Shop /)
  })
})

describe('resolveMails', () => {
  const invitation = () => ({ subject: 'Come', text: 'in' })

  it('gives a language, or one with mails of your own', () => {
    expect(resolveMails()).toEqual(englishMails)
    expect(resolveMails('de')).toBe(germanMails)
    expect(resolveMails({ invitation }, 'de')).toEqual({ ...germanMails, invitation })
  })

  it.each([
    ['fr', '`mails`'],
    ['toString', '`mails`'],
    [{ welcome: invitation }, '`mails.welcome`'],
  ])('refuses %j', (given, name) => {
    expect(() => resolveMails(given as 'en')).toThrow(name)
  })
})

describe('describeLife', () => {
  it.each([
    [600_000, '10 minutes', '10 Minuten'],
    [86_400_000, '24 hours', '24 Stunden'],
    [259_200_000, '3 days', '3 Tage'],
    [60_000, '1 minute', '1 Minute'],
    [1, '1 minute', '1 Minute'],
  ])('says of %d ms: %s, %s', (ms, english, german) => {
    expect([describeLife(ms, 'en'), describeLife(ms, 'de')]).toEqual([english, german])
  })
})

describe('createLinks', () => {
  it('leads to the pages below the address of the application', () => {
    const links = createLinks({ publicUrl: 'https://example.org/shop/', paths: { reset: '/new' } })
    expect(links('registration', 't')).toBe('https://example.org/shop/verify?token=t')
    expect(links('reset', 't')).toBe('https://example.org/shop/new?token=t')
  })

  it('may lead to this machine without TLS', () => {
    const links = createLinks({ publicUrl: 'http://localhost:3000' })
    expect(links('email', 't')).toBe('http://localhost:3000/account/email?token=t')
  })

  it.each(['http://example.org', 'http://localhost.example.org', 'ftp://localhost', 'x', ''])(
    'refuses %j',
    publicUrl => {
      expect(() => createLinks({ publicUrl })).toThrow('`publicUrl`')
    },
  )
})

describe('createPrintedMailer', () => {
  it('prints the mail with its link', async () => {
    const printed: string[] = []
    const mailer = createPrintedMailer({ write: text => printed.push(text), production: false })
    const message = englishMails.resetPassword(facts)
    await mailer.send({ to: 'ada@example.org', ...message })
    expect(printed.join('')).toContain(`Mail to ada@example.org: ${message.subject}`)
    expect(printed.join('')).toContain(`\n  ${facts.link}\n`)
  })

  it('refuses to work in production', () => {
    expect(() => createPrintedMailer({ production: true })).toThrow(/`createSmtpMailer/)
  })
})
