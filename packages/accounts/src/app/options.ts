import { type Cloakroom, ConfigError } from 'cloakroom'
import { refuseUnknown } from 'cloakroom/kit'
import { defaultAdminRole } from '../account/store.ts'
import type { AdminEngine } from '../admin/engine.ts'
import type { AccountFlowsOptions, AccountsEngine } from '../flows/accounts.ts'
import { defaultLinkPaths } from '../mail/links.ts'
import type { Mailer } from '../mail/mailer.ts'
import type { SmtpMailerOptions } from '../mail/smtp.ts'
import type { TextsOption } from '../pages/languages.ts'
import type { SignInProvider } from '../pages/providers.ts'
import type { ThemeOptions } from '../pages/theme.ts'
import type { StoreOption } from './stores.ts'

type Inherited = Omit<AccountFlowsOptions, 'cloakroom' | 'stores' | 'mailer' | 'product' | 'paths'>

/** Settings of {@link createAccounts}. */
export interface AccountsOptions extends Inherited {
  /**
   * What `createCloakroom` returned, with `rateLimit: { rules: accountRules }` and
   * `roles: { permissions: accountRolePermissions }`, or roles of your own with these permissions.
   */
  readonly cloakroom: AccountsEngine & AdminEngine & Pick<Cloakroom, 'hono'>
  /** @default 'memory', which production refuses */
  readonly store?: StoreOption | undefined
  /** How mail is sent. @default printed while developing; production refuses to go without */
  readonly mail?: SmtpMailerOptions | Mailer | undefined
  /** What the pages look like, and what the application is called. */
  readonly theme?: ThemeOptions | undefined
  /** Texts of the pages, and the language of mails unless `mails` says otherwise. @default 'en' */
  readonly texts?: TextsOption | undefined
  /** Begins every address of the pages, such as `/auth`. @default '' */
  readonly base?: string | undefined
  /** Sign-in elsewhere, offered beside the password. @default none */
  readonly providers?: readonly SignInProvider[] | undefined
  /**
   * Where somebody goes who signs out, such as the sign-out of a provider; null for the sign-in page.
   * It is given the handle of the session, which still lives then.
   */
  readonly afterSignOut?: ((sessionId: string) => Promise<string | null>) | undefined
  /** The JSON API at `/api/auth`, for a front end of your own. @default true */
  readonly api?: boolean | undefined
  /** The console at `/admin`, for those whose roles have its permissions. @default true */
  readonly admin?: boolean | undefined
  /** @default NODE_ENV is 'production' */
  readonly production?: boolean | undefined
}

const known = [
  'cloakroom',
  'store',
  'mail',
  'theme',
  'texts',
  'base',
  'api',
  'admin',
  'providers',
  'afterSignOut',
  'production',
  'publicUrl',
  'mails',
  'hasher',
  'passwords',
  'registration',
  'newRole',
  'adminRole',
  'linkLife',
  'requireSecondFactor',
  'recent',
  'impersonation',
  'wait',
] as const satisfies readonly (keyof AccountsOptions)[]

/** Settings, each with a value, apart from those that are handed on to the flows. */
export interface AccountsSettings {
  readonly store: StoreOption
  readonly base: string
  readonly hasApi: boolean
  readonly hasConsole: boolean
  readonly adminRole: string
  readonly isProduction: boolean
  readonly providers: readonly SignInProvider[]
  readonly afterSignOut: (sessionId: string) => Promise<string | null>
  /** Where the pages are that mails lead to. */
  readonly paths: Readonly<Record<keyof typeof defaultLinkPaths, string>>
  /** The rest, for the flows. */
  readonly flows: Inherited
}

/** Checks the settings. @throws {ConfigError} naming the one that is wrong. */
export function resolveOptions(options: AccountsOptions): AccountsSettings {
  refuseUnknown('createAccounts', options, known)
  const { cloakroom, store, mail, theme, texts, base = '', production, ...others } = options
  const { api: hasApi = true, admin: hasConsole = true, ...rest } = others
  const { providers = [], afterSignOut = async () => null, ...flows } = rest
  const { adminRole = defaultAdminRole } = flows
  const isProduction = production ?? process.env['NODE_ENV'] === 'production'
  if (isProduction && (store === undefined || store === 'memory')) {
    throw invalid('`store` is missing, and memory forgets. Set `{ url }` of a PostgreSQL server.')
  }
  if (!/^(\/[\w.~-]+)*$/.test(base)) throw invalid('`base` must be a path such as `/auth`.')
  if (!cloakroom.roles.allows(adminRole, 'accounts:read')) {
    const setting = 'Set `roles: { permissions: accountRolePermissions }` in `createCloakroom`.'
    throw invalid(`The role ${adminRole} may not see accounts. ${setting}`)
  }
  const paths = Object.entries(defaultLinkPaths).map(([purpose, path]) => [purpose, base + path])
  return {
    store: store ?? 'memory',
    base,
    hasApi,
    hasConsole,
    adminRole,
    isProduction,
    providers,
    afterSignOut,
    paths: Object.fromEntries(paths),
    flows,
  }
}

function invalid(message: string): ConfigError {
  return new ConfigError('ERR_OPTION_INVALID', message)
}
