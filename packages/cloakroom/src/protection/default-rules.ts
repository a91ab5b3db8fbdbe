import type { LimitRuleOptions } from './rules.ts'

/** Rules that every limiter has unless it is given others of these names. */
export type DefaultRuleName =
  | 'auth_login'
  | 'auth_register'
  | 'password_reset'
  | 'api_call'
  | 'session_create'

/** Limits that suit most applications. */
export const defaultRules: Readonly<Record<DefaultRuleName, LimitRuleOptions>> = {
  auth_login: { limit: 5, window: '300s', block: '900s', isPublic: false },
  auth_register: { limit: 3, window: '3600s', strategy: 'fixed-window', block: '3600s' },
  password_reset: { limit: 3, window: '3600s', block: '3600s', isPublic: false },
  api_call: { limit: 100, window: '60s', strategy: 'token-bucket', block: '60s' },
  session_create: { limit: 10, window: '300s', block: '600s' },
}
