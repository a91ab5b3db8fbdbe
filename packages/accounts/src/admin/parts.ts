import type { AccountStore } from '../account/store.ts'
import type { AccountFlows } from '../flows/accounts.ts'
import type { Activity } from './activity.ts'
import type { AuditLogStore } from './audit-log-store.ts'
import type { Census } from './census.ts'
import type { AdminEngine } from './engine.ts'
import type { TrailReader } from './trail-activity.ts'

/** What the parts of the console share. */
export interface AdminParts {
  readonly engine: AdminEngine
  readonly flows: Pick<AccountFlows, 'authorize' | 'authorizeOn'>
  readonly accounts: AccountStore
  /** The role that may act upon all others, its own included. */
  readonly adminRole: string
  readonly auditLog: AuditLogStore
  readonly activity: Activity
  /** Null where there is no trail, and this process counts what itself sees. */
  readonly trail: TrailReader | null
  readonly census: Census
}
