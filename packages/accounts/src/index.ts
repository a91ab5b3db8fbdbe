export type {
  Account,
  AccountChanges,
  AccountStatus,
  AccountView,
  NewAccount,
} from './account/account.ts'
export {
  adaptExistingUsers,
  type ExistingUser,
  type ExistingUsers,
  type ExistingUsersOptions,
  type NewExistingUser,
} from './account/existing-users.ts'
export type { FactorStore, StoredFactor } from './account/factor-store.ts'
export type { Identity, IdentityStore } from './account/identity-store.ts'
export type { Impersonation, ImpersonationStore } from './account/impersonation-store.ts'
export type { Visit, VisitSession, VisitUser } from './account/ports.ts'
export { type AccountPermission, accountRolePermissions, accountRules } from './account/roles.ts'
export type {
  AccountFeature,
  AccountPage,
  AccountQuery,
  AccountStore,
} from './account/store.ts'
export type { StoredToken, TokenPurpose, TokenStore } from './account/token-store.ts'
export { type Accounts, createAccounts } from './app/accounts.ts'
export type { HonoMiddleware, NodeMiddleware } from './app/mount.ts'
export type { AccountsOptions } from './app/options.ts'
export type { StoreOption } from './app/stores.ts'
export {
  type AccountFlows,
  type AccountFlowsOptions,
  type AccountStores,
  type AccountsEngine,
  createAccountFlows,
} from './flows/accounts.ts'
export type { Enrolment } from './flows/enrolment.ts'
export type { FederatedInput, FederatedResult } from './flows/federation.ts'
export type { FirstAdminInput, FirstAdminResult } from './flows/first-admin.ts'
export type { BadPassword, Refusal, Success, Throttled, Unsupported } from './flows/outcome.ts'
export type { SecondFactorView } from './flows/second-factor.ts'
export type { SignInInput, SignInResult } from './flows/sign-in.ts'
export { englishMails } from './mail/english.ts'
export { germanMails } from './mail/german.ts'
export type { MailsOption } from './mail/languages.ts'
export type { Mailer, MailMessage } from './mail/mailer.ts'
export { createPrintedMailer, type PrintedMailerOptions } from './mail/printed.ts'
export { createSmtpMailer, type SmtpMailerOptions } from './mail/smtp.ts'
export type { MailFacts, MailKind, MailTexts } from './mail/texts.ts'
export { createMemoryAccounts } from './memory/accounts.ts'
export { createMemoryFactors } from './memory/factors.ts'
export { createMemoryIdentities } from './memory/identities.ts'
export { createMemoryImpersonations } from './memory/impersonations.ts'
export { createMemoryTokens } from './memory/tokens.ts'
export type { TextChanges, TextsOption } from './pages/languages.ts'
export type { SignInProvider } from './pages/providers.ts'
export type { Texts } from './pages/texts.ts'
export type { ThemeOptions } from './pages/theme.ts'
export {
  createPasswordHasher,
  type PasswordHasher,
  type PasswordHasherOptions,
} from './passwords/hasher.ts'
export type { PasswordProblem, PasswordRules, PasswordRulesOptions } from './passwords/rules.ts'
export type { PasswordStrength } from './passwords/strength.ts'
