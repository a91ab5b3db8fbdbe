import { refuseUnknown } from 'cloakroom/kit'
import type { AccountView } from '../account/account.ts'
import { type AccountPermission, outranks } from '../account/roles.ts'
import { type AccountStore, defaultAdminRole } from '../account/store.ts'
import type { AccountFlows } from '../flows/accounts.ts'
import { createActivity } from './activity.ts'
import { type AuditDesk, createAuditDesk } from './audit.ts'
import type { AuditLogStore } from './audit-log-store.ts'
import { createCensus } from './census.ts'
import type { AdminEngine } from './engine.ts'
import { createLimitDesk, type LimitDesk } from './limits.ts'
import { createOverviewDesk, type OverviewDesk } from './overview.ts'
import type { AdminParts } from './parts.ts'
import { createRecentAuditLog } from './recent-audit-log.ts'
import { createSessionDesk, type SessionDesk } from './sessions.ts'
import { createSystemDesk, type SystemDesk } from './system.ts'
import { createTrailReader } from './trail-activity.ts'

/** A part of the console. */
export type AdminSection =
  | 'overview'
  | 'sessions'
  | 'users'
  | 'limits'
  | 'audit'
  | 'keys'
  | 'health'

/**
 * What operators see and do beyond accounts, without HTTP; what they do with accounts is among the
 * flows. Every call is judged by the account as it is stored now, does a bounded amount of work, and
 * leaves an event with the id of whoever acted.
 */
export interface AdminConsole extends OverviewDesk, SessionDesk, LimitDesk, AuditDesk, SystemDesk {
  /** Whether somebody may do something, to an account if one is given: for what a page offers. */
  can(actor: AccountView, permission: AccountPermission, account?: AccountView): boolean
  /** Whether somebody may act in the place of another: never of an equal. */
  canActAs(actor: AccountView, account: AccountView): boolean
  /** Roles that somebody may give to others, lowest first. */
  rolesGivableBy(actor: AccountView): readonly string[]
  /** The parts that a role may open. */
  sectionsOf(role: string): readonly AdminSection[]
  /** All roles, lowest first. */
  readonly roles: readonly string[]
  /** Stops listening to events. */
  close(): void
}

/** Options of {@link createAdminConsole}. */
export interface AdminConsoleOptions {
  readonly engine: AdminEngine
  readonly flows: Pick<AccountFlows, 'authorize' | 'authorizeOn'>
  readonly accounts: AccountStore
  /** @default 'admin' */
  readonly adminRole?: string | undefined
  /** @default the audit trail, or without one the last events of this process, in memory */
  readonly auditLog?: AuditLogStore | undefined
}

const known = [
  'engine',
  'flows',
  'accounts',
  'adminRole',
  'auditLog',
] as const satisfies readonly (keyof AdminConsoleOptions)[]

const sections: Readonly<Record<AdminSection, AccountPermission>> = {
  overview: 'sessions:read',
  sessions: 'sessions:read',
  users: 'accounts:read',
  limits: 'limits:read',
  audit: 'audit:read',
  keys: 'system:read',
  health: 'system:read',
}

/** Makes an {@link AdminConsole}. @throws {ConfigError} for an option there is not. */
export function createAdminConsole(options: AdminConsoleOptions): AdminConsole {
  refuseUnknown('admin', options, known)
  const { engine, flows, accounts, adminRole = defaultAdminRole } = options
  const { sessions, events, roles, clock } = engine
  const recent = createRecentAuditLog()
  const activity = createActivity(clock)
  const { auditTrail } = engine
  const parts: AdminParts = {
    engine,
    flows,
    accounts,
    adminRole,
    auditLog: options.auditLog ?? auditTrail ?? recent,
    activity,
    trail: auditTrail && createTrailReader(auditTrail, activity, clock),
    census: createCensus(sessions, clock),
  }
  const close = events.on(event => {
    if (auditTrail === null) activity.note(event)
    if (parts.auditLog === recent) recent.listener(event)
  })
  return {
    ...createOverviewDesk(parts),
    ...createSessionDesk(parts),
    ...createLimitDesk(parts),
    ...createAuditDesk(parts),
    ...createSystemDesk(parts),
    can: (actor, permission, account) =>
      roles.allows(actor.role, permission) &&
      (account === undefined || outranks(roles, actor.role, account.role, adminRole)),
    canActAs: (actor, account) =>
      account.status === 'active' && !roles.reaches(account.role, actor.role),
    rolesGivableBy: actor => roles.ladder.filter(role => roles.reaches(actor.role, role)),
    sectionsOf: role =>
      allowedSections(name => {
        const isThere = name !== 'users' || !accounts.lacks.has('list')
        return isThere && roles.allows(role, sections[name])
      }),
    roles: roles.ladder,
    close,
  }
}

function allowedSections(isAllowed: (name: AdminSection) => boolean): readonly AdminSection[] {
  return (Object.keys(sections) as AdminSection[]).filter(isAllowed)
}
