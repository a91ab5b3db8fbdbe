/** What the components say. */
export interface ComponentTexts {
  readonly login: string
  readonly password: string
  readonly remember: string
  readonly signIn: string
  readonly wrong: string
  readonly changePassword: string
  readonly email: string
  readonly name: string
  readonly register: string
  readonly registered: string
  readonly badEmail: string
  readonly badName: string
  /** `{count}` stands for the least length. */
  readonly shortPassword: string
  readonly badPassword: string
  readonly unknownDevice: string
  readonly thisDevice: string
  readonly lastSeen: string
  readonly end: string
  readonly endOthers: string
  readonly confirm: string
  readonly confirmTitle: string
  readonly cancel: string
  readonly wrongPassword: string
  readonly code: string
  readonly wrongCode: string
  readonly useRecoveryCode: string
  readonly useCode: string
  readonly recoveryCode: string
  /** The second step of a sign-in came too late, or all sessions were ended. */
  readonly over: string
  readonly enrol: string
  readonly setUp: string
  readonly scan: string
  /** What the picture is, for those who do not see it. */
  readonly picture: string
  readonly recoveryCodes: string
  readonly kept: string
  /** `{count}` stands for the seconds to wait. */
  readonly limited: string
  readonly failed: string
}

/** {@link ComponentTexts} in English. */
export const englishTexts: ComponentTexts = {
  login: 'E-mail address',
  password: 'Password',
  remember: 'Stay signed in',
  signIn: 'Sign in',
  wrong: 'The e-mail address or the password is wrong.',
  changePassword: 'Choose a password of your own before you sign in.',
  email: 'E-mail address',
  name: 'Name',
  register: 'Create account',
  registered: 'Look into your mail: it has a link that makes your account.',
  badEmail: 'This is no e-mail address.',
  badName: 'This name is too long.',
  shortPassword: 'Take at least {count} characters.',
  badPassword: 'This password is easy to guess.',
  unknownDevice: 'Unknown device',
  thisDevice: 'This device',
  lastSeen: 'Last seen',
  end: 'End',
  endOthers: 'End all other sessions',
  confirm: 'Confirm',
  confirmTitle: 'Confirm that it is you',
  cancel: 'Cancel',
  wrongPassword: 'This is not your password.',
  code: 'Code of your authenticator app',
  wrongCode: 'This code is wrong, or was used already.',
  useRecoveryCode: 'Use a recovery code',
  useCode: 'Use a code of the app',
  recoveryCode: 'Recovery code',
  over: 'This sign-in is over. Begin again.',
  enrol: 'Your account needs a second step before you sign in.',
  setUp: 'Set up the second step',
  scan: 'Scan this with an authenticator app, or type the key, and enter the code that the app shows.',
  picture: 'Picture for the authenticator app; the key below says the same',
  recoveryCodes: 'Each of these signs you in once without the app. They are not shown again.',
  kept: 'I have kept them',
  limited: 'Too many attempts. Try again in {count} seconds.',
  failed: 'That did not work. Try again in a moment.',
}

/** Puts a number into a text. */
export function fill(text: string, count: number): string {
  return text.replace('{count}', String(count))
}
