import { ConfigError } from 'cloakroom'
import type { Mailer } from './mailer.ts'

/** Options of {@link createPrintedMailer}. */
export interface PrintedMailerOptions {
  /** @default to standard output */
  readonly write?: ((text: string) => unknown) | undefined
  /** @default whether NODE_ENV is `production` */
  readonly production?: boolean | undefined
}

/**
 * Prints mails instead of sending them, for development.
 *
 * @throws {ConfigError} in production, where the links would lie in the log.
 */
export function createPrintedMailer(options: PrintedMailerOptions = {}): Mailer {
  const { production = process.env['NODE_ENV'] === 'production' } = options
  const { write = text => process.stdout.write(text) } = options
  if (production) {
    const message =
      'There is no mail server: `mail` is missing. Set one up by `createSmtpMailer({ url, from })`.'
    throw new ConfigError('ERR_OPTION_INVALID', message)
  }
  return {
    async send({ to, subject, text }) {
      const body = text.replace(/^(?=.)/gm, '  ')
      write(`\nMail to ${to}: ${subject}\n\n${body}\n\n`)
    },
  }
}
