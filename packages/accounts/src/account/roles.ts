import type { Duration } from 'cloakroom'
import type { Roles } from './ports.ts'

/** What accounts ask a permission for. */
export type AccountPermission =
  | 'accounts:read'
  | 'accounts:invite'
  | 'accounts:change'
  | 'accounts:roles'
  | 'accounts:delete'
  | 'accounts:impersonate'
  | 'sessions:read'
  | 'sessions:end'
  /** To end sessions whoever they belong to, as all those of an address. */
  | 'sessions:end-any'
  | 'limits:read'
  | 'limits:change'
  | 'audit:read'
  /** To see keys and the state of the stores. */
  | 'system:read'

/**
 * Permissions that suit most applications, for the option `roles.permissions`. Moderators may look
 * and end sessions; administrators may do everything.
 */
export const accountRolePermissions: Readonly<Record<string, readonly AccountPermission[]>> = {
  moderator: ['accounts:read', 'sessions:read', 'sessions:end', 'limits:read'],
  admin: [
    'accounts:invite',
    'accounts:change',
    'accounts:roles',
    'accounts:delete',
    'accounts:impersonate',
    'sessions:end-any',
    'limits:change',
    'audit:read',
    'system:read',
  ],
}

/** A rule as the option `rateLimit.rules` takes it. */
export interface AccountRule {
  readonly limit: number
  readonly window: Duration
  readonly isPublic?: boolean
  /** How long whoever breaks it is blocked: each time longer by this factor. */
  readonly block?: { readonly duration: Duration; readonly factor: number; readonly max: Duration }
}

/** Rules that flows count under besides those every limiter has, for the option `rules`. */
export const accountRules: {
  /** Mails that strangers may cause to one mailbox. More are silently not sent. */
  readonly account_mail: AccountRule
  /** Passwords that are judged while they are typed, from one address. */
  readonly password_meter: AccountRule
  /** Codes that are tried at one account, from wherever: whoever tries them knows its password. */
  readonly second_factor: AccountRule
} = {
  account_mail: { limit: 10, window: '1h', isPublic: false },
  password_meter: { limit: 60, window: '60s' },
  second_factor: {
    limit: 10,
    window: '15m',
    block: { duration: '15m', factor: 2, max: '4h' },
    isPublic: false,
  },
}

/** Whether somebody may act upon accounts of a role: those below their own, administrators upon all. */
export function outranks(roles: Roles, actor: string, other: string, adminRole: string): boolean {
  return roles.reaches(actor, adminRole) || !roles.reaches(other, actor)
}
