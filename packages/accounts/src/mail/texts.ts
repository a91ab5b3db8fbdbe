import type { MailMessage } from './mailer.ts'

/** The mails that are sent. */
export type MailKind =
  | 'confirmRegistration'
  | 'alreadyRegistered'
  | 'invitation'
  | 'resetPassword'
  | 'passwordChanged'
  | 'newDevice'
  | 'confirmEmail'
  | 'emailChangeRequested'
  | 'emailChanged'
  | 'accountDeleted'
  | 'secondFactorAdded'
  | 'secondFactorRemoved'
  | 'recoveryCodesMade'
  | 'recoveryCodeUsed'
  | 'codesRefused'

/** What a mail can speak of. */
export interface MailFacts {
  readonly product: string
  /** Of the person; may be empty. */
  readonly name: string
  /** Empty where the mail has none. */
  readonly link: string
  /** How long the link works, in milliseconds; 0 without a link. */
  readonly lifeMs: number
  /** The new address, masked, where the mail is about one. */
  readonly newEmail: string
  /** From where it was done; empty when that is not known. */
  readonly ip: string
  /** By what, such as `Firefox on Linux`; empty when that is not known or does not matter. */
  readonly device: string
}

/** Subject and body of each mail. */
export type MailTexts = Readonly<Record<MailKind, (facts: MailFacts) => Omit<MailMessage, 'to'>>>

/** Puts a mail together of its paragraphs. */
export function writeLetter(
  subject: string,
  paragraphs: readonly string[],
): Omit<MailMessage, 'to'> {
  return { subject, text: paragraphs.join('\n\n') }
}

/** A time in words: `10 minutes`, `3 Tage`. */
export function describeLife(ms: number, language: string): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ] as const
  const [unit, unitMs] = units.find(([, length]) => ms >= 2 * length) ?? ['minute', 60_000]
  const format = { style: 'unit', unit, unitDisplay: 'long' } as const
  return new Intl.NumberFormat(language, format).format(Math.max(1, Math.floor(ms / unitMs)))
}
