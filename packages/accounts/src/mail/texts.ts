import type { MailMessage } from './mailer.ts'

/** The mails that are sent. */
export type MailKind =
  | 'confirmRegistration'
  | 'alreadyRegistered'
  | 'invitation'
  | 'resetPassword'
  | 'passwordChanged'
  | 'confirmEmail'
  | 'emailChangeRequested'
  | 'emailChanged'
  | 'accountDeleted'

/** What a mail can speak of. */
export interface MailFacts {
  readonly product: string
  /** Of the person; may be empty. */
  readonly name: string
  /** Empty where the mail has none. */
  readonly link: string
  /** How long the link works, such as `10 minutes`; empty without a link. */
  readonly life: string
  /** The new address, masked, where the mail is about one. */
  readonly newEmail: string
  /** From where it was done; empty when that is not known. */
  readonly ip: string
}

/** Subject and body of each mail. */
export type MailTexts = Readonly<Record<MailKind, (facts: MailFacts) => Omit<MailMessage, 'to'>>>

/** Texts in English. */
export const englishMails: MailTexts = {
  confirmRegistration: facts =>
    mail(facts, `Confirm your registration at ${facts.product}`, [
      `Somebody, hopefully you, registered at ${facts.product} with this address.`,
      `To confirm it, open this link within ${facts.life} and enter the password you chose:`,
      facts.link,
      'If it was not you, do nothing: without the password no account is made.',
    ]),
  alreadyRegistered: facts =>
    mail(facts, `You already have an account at ${facts.product}`, [
      `Somebody, hopefully you, tried to register at ${facts.product} with this address.`,
      'You have an account already: sign in as usual. If you forgot the password, ask for a new one on the sign-in page.',
      'If it was not you, do nothing. Nothing was changed.',
    ]),
  invitation: facts =>
    mail(facts, `You are invited to ${facts.product}`, [
      `An account at ${facts.product} waits for you.`,
      `To choose its password, open this link within ${facts.life}:`,
      facts.link,
    ]),
  resetPassword: facts =>
    mail(facts, `A new password for ${facts.product}`, [
      `Somebody, hopefully you, asked to choose a new password at ${facts.product}${from(facts)}.`,
      `To choose it, open this link within ${facts.life}:`,
      facts.link,
      'If it was not you, do nothing: your password stays as it is.',
    ]),
  passwordChanged: facts =>
    mail(facts, `Your password at ${facts.product} was changed`, [
      `The password of your account at ${facts.product} was changed${from(facts)}.`,
      'If it was not you, ask for a new password on the sign-in page at once.',
    ]),
  confirmEmail: facts =>
    mail(facts, `Confirm your new address at ${facts.product}`, [
      `To use this address for your account at ${facts.product}, sign in there and open this link within ${facts.life}:`,
      facts.link,
      'If you did not ask for it, do nothing.',
    ]),
  emailChangeRequested: facts =>
    mail(facts, `A new address for your account at ${facts.product}`, [
      `Somebody, hopefully you, asked to change the address of your account at ${facts.product} to ${facts.newEmail}${from(facts)}.`,
      'If it was not you, change your password at once.',
    ]),
  emailChanged: facts =>
    mail(facts, `The address of your account at ${facts.product} was changed`, [
      `Mail about your account at ${facts.product} goes to ${facts.newEmail} from now on.`,
      'If it was not you, write to whoever runs the service.',
    ]),
  accountDeleted: facts =>
    mail(facts, `Your account at ${facts.product} was deleted`, [
      `Your account at ${facts.product} was deleted. You cannot sign in any more.`,
    ]),
}

function mail(facts: MailFacts, subject: string, lines: readonly string[]) {
  const greeting = facts.name === '' ? 'Hello,' : `Hello ${facts.name},`
  return { subject, text: [greeting, ...lines].join('\n\n') }
}

function from({ ip }: MailFacts): string {
  return ip === '' ? '' : ` from ${ip}`
}

/** A time in words: `10 minutes`, `3 days`. */
export function describeLife(ms: number): string {
  const units = [
    ['day', 86_400_000],
    ['hour', 3_600_000],
    ['minute', 60_000],
  ] as const
  const [name, unitMs] = units.find(([, length]) => ms >= 2 * length) ?? ['minute', 60_000]
  const count = Math.max(1, Math.floor(ms / unitMs))
  return `${count} ${name}${count === 1 ? '' : 's'}`
}
