import { describeLife, type MailFacts, type MailTexts, writeLetter } from './texts.ts'

/** Texts in English. */
export const englishMails: MailTexts = {
  confirmRegistration: facts =>
    mail(facts, `Confirm your registration at ${facts.product}`, [
      `Somebody, hopefully you, registered at ${facts.product} with this address.`,
      `To confirm it, open this link within ${life(facts)} and enter the password you chose:`,
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
      `To choose its password, open this link within ${life(facts)}:`,
      facts.link,
    ]),
  resetPassword: facts =>
    mail(facts, `A new password for ${facts.product}`, [
      `Somebody, hopefully you, asked to choose a new password at ${facts.product}${from(facts)}.`,
      `To choose it, open this link within ${life(facts)}:`,
      facts.link,
      'If it was not you, do nothing: your password stays as it is.',
    ]),
  passwordChanged: facts =>
    mail(facts, `Your password at ${facts.product} was changed`, [
      `The password of your account at ${facts.product} was changed${from(facts)}.`,
      'If it was not you, ask for a new password on the sign-in page at once.',
    ]),
  newDevice: facts =>
    mail(facts, `A new sign-in at ${facts.product}`, [
      `Somebody, hopefully you, signed in to your account at ${facts.product}${from(facts)}${facts.device === '' ? '' : ` with ${facts.device}`}, where nobody did before.`,
      'If it was not you, ask for a new password on the sign-in page at once: that ends all sessions.',
    ]),
  confirmEmail: facts =>
    mail(facts, `Confirm your new address at ${facts.product}`, [
      `To use this address for your account at ${facts.product}, sign in there and open this link within ${life(facts)}:`,
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
  secondFactorAdded: facts =>
    mail(facts, `Two-step sign-in at ${facts.product} is on`, [
      `Signing in to your account at ${facts.product} takes a code of your app from now on. It was turned on${from(facts)}.`,
      'If it was not you, write to whoever runs the service.',
    ]),
  secondFactorRemoved: facts =>
    mail(facts, `Two-step sign-in at ${facts.product} is off`, [
      `Signing in to your account at ${facts.product} takes no code any more. It was turned off${from(facts)}.`,
      'If you did not do this or ask for it, change your password at once and turn it on again.',
    ]),
  recoveryCodesMade: facts =>
    mail(facts, `New recovery codes at ${facts.product}`, [
      `New recovery codes were made for your account at ${facts.product}${from(facts)}. Those before work no more.`,
      'If it was not you, change your password at once and make new ones.',
    ]),
  recoveryCodeUsed: facts =>
    mail(facts, `A recovery code was used at ${facts.product}`, [
      `Somebody, hopefully you, used a recovery code of your account at ${facts.product}${from(facts)}. It works no more.`,
      'If it was not you, change your password at once and make new recovery codes.',
    ]),
  codesRefused: facts =>
    mail(facts, `Wrong codes at ${facts.product}`, [
      `Somebody gave the right password of your account at ${facts.product} and then several wrong codes${from(facts)}. They are held up, and not signed in.`,
      'If it was not you, change your password at once: they know it.',
    ]),
}

function mail({ name }: MailFacts, subject: string, lines: readonly string[]) {
  return writeLetter(subject, [name === '' ? 'Hello,' : `Hello ${name},`, ...lines])
}

function from({ ip }: MailFacts): string {
  return ip === '' ? '' : ` from ${ip}`
}

function life({ lifeMs }: MailFacts): string {
  return describeLife(lifeMs, 'en')
}
