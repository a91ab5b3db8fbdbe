import type { AdminTexts } from './admin-texts.ts'
import type { ProviderRefusal } from './providers.ts'

/** Every text of the pages. Replace some or all; what is left out stays English. */
export interface Texts extends AdminTexts {
  readonly language: string
  readonly common: {
    readonly signIn: string
    readonly signOut: string
    readonly register: string
    readonly account: string
    readonly email: string
    readonly password: string
    readonly name: string
    readonly save: string
    readonly cancel: string
    readonly back: string
    readonly skipToContent: string
    readonly showPassword: string
    readonly hidePassword: string
    readonly optional: string
    readonly goOn: string
  }
  readonly signIn: {
    readonly title: string
    readonly remember: string
    readonly forgot: string
    readonly noAccount: string
    readonly refused: string
    readonly ended: string
    readonly out: string
    readonly deleted: string
    readonly tooMany: string
    /** Before the name of a provider. */
    readonly by: string
    /** Between the form and the providers. */
    readonly or: string
    readonly providerRefusals: Readonly<Record<ProviderRefusal, string>>
  }
  readonly register: {
    readonly title: string
    readonly haveAccount: string
    readonly passwordHint: string
    readonly sentTitle: string
    readonly sent: string
    readonly welcome: string
  }
  readonly verify: {
    readonly title: string
    readonly question: string
    readonly confirm: string
    readonly done: string
    readonly failed: string
    readonly wrong: string
  }
  readonly invitation: {
    readonly title: string
    readonly intro: string
    readonly done: string
    readonly failed: string
  }
  readonly email: {
    readonly title: string
    readonly question: string
    readonly done: string
    readonly failed: string
  }
  readonly forgot: {
    readonly title: string
    readonly intro: string
    readonly send: string
    readonly sent: string
  }
  readonly reset: {
    readonly title: string
    readonly newPassword: string
    readonly set: string
    readonly done: string
    readonly failed: string
  }
  readonly account: {
    readonly title: string
    readonly profile: string
    readonly changePassword: string
    readonly currentPassword: string
    readonly newPassword: string
    readonly changeEmail: string
    readonly newEmail: string
    readonly sessions: string
    readonly sessionsIntro: string
    readonly thisDevice: string
    readonly unknownDevice: string
    readonly unknownAddress: string
    readonly lastSeen: string
    readonly signedIn: string
    readonly end: string
    readonly endOthers: string
    readonly endEverywhere: string
    readonly deleteAccount: string
    readonly deleteIntro: string
    readonly deleteConfirm: string
    readonly saved: string
    readonly passwordChanged: string
    readonly emailSent: string
    readonly sessionEnded: string
    readonly wrongPassword: string
    readonly lastAdmin: string
    readonly confirmTitle: string
    readonly confirmIntro: string
    readonly confirm: string
  }
  readonly secondFactor: {
    readonly title: string
    readonly intro: string
    readonly isOn: (recoveryCodesLeft: number) => string
    readonly isOff: string
    readonly manage: string
    readonly turnOn: string
    readonly turnOff: string
    readonly replace: string
    readonly newCodes: string
    readonly anyCode: string
    readonly manageHint: string
    readonly codeTitle: string
    readonly codeIntro: string
    readonly code: string
    readonly wrong: string
    readonly useRecovery: string
    readonly recoveryCode: string
    readonly over: string
    readonly setupTitle: string
    readonly required: string
    readonly scan: string
    /** What the picture is, for those who do not see it. */
    readonly picture: string
    readonly openApp: string
    readonly key: string
    readonly added: string
    readonly codesTitle: string
    readonly codesIntro: string
    readonly codesMade: string
  }
  readonly timeout: {
    readonly title: string
    readonly text: string
    readonly stay: string
  }
  readonly impersonation: {
    readonly banner: (name: string) => string
    readonly stop: string
  }
  readonly errors: {
    readonly unauthorized: readonly [title: string, text: string]
    readonly forbidden: readonly [title: string, text: string]
    readonly impersonating: readonly [title: string, text: string]
    readonly notFound: readonly [title: string, text: string]
    readonly stale: readonly [title: string, text: string]
    readonly limited: readonly [title: string, text: string]
    readonly unavailable: readonly [title: string, text: string]
    readonly retryIn: (seconds: number) => string
    readonly home: string
  }
  readonly passwordProblems: Readonly<Record<PasswordProblem, string>>
  readonly fieldProblems: Readonly<Record<FieldProblem, string>>
  readonly strength: readonly [string, string, string, string, string]
  readonly ago: (seconds: number) => string
}

/** Why a password is refused. */
export type PasswordProblem = 'short' | 'long' | 'unreadable' | 'common' | 'context' | 'compromised'

/** Why another field is refused. */
export type FieldProblem = 'email' | 'name' | 'required'
