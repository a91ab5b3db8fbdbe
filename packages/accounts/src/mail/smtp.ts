import { domainToASCII } from 'node:url'
import { ConfigError } from 'cloakroom'
import { createTransport } from 'nodemailer'
import type { Mailer } from './mailer.ts'

/** Options of {@link createSmtpMailer}. */
export interface SmtpMailerOptions {
  /** Such as `smtps://user:password@mail.example.org`. With `smtp:` TLS is demanded all the same. */
  readonly url: string
  /** Such as `Shop <noreply@example.org>`. */
  readonly from: string
}

const timeoutMs = 10_000

/** Sends mail through an SMTP server. @throws {ConfigError} when the URL is none of SMTP. */
export function createSmtpMailer({ url, from }: SmtpMailerOptions): Mailer {
  const server = URL.canParse(url) ? new URL(url) : null
  if (server === null || !/^smtps?:$/.test(server.protocol)) {
    const message = '`mail.url` is no address of a mail server. Use `smtps://user:password@host`.'
    throw new ConfigError('ERR_OPTION_INVALID', message)
  }
  const transport = createTransport({
    url,
    // Links in mails are as good as passwords. Only on this machine they may travel in clear.
    requireTLS: server.protocol === 'smtp:' && !isLoopback(server.hostname),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  })
  return {
    async send({ to, subject, text, html }) {
      await transport.sendMail({
        from,
        // As an object, so that nothing in it is taken for a list of several addresses.
        to: { name: '', address: asciiDomain(to) },
        subject,
        text,
        ...(html !== undefined && { html }),
        // RFC 3834: no holiday notices in return, please.
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
    },
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

function asciiDomain(email: string): string {
  const at = email.lastIndexOf('@')
  return `${email.slice(0, at)}@${domainToASCII(email.slice(at + 1))}`
}
