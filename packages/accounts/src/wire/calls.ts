import type { AccountCalls } from './account-calls.ts'
import type { AdminCalls } from './admin-calls.ts'
import type { FactorCalls } from './factor-calls.ts'
import type { OwnCalls } from './own-calls.ts'

/**
 * Everything that can be asked of the API, by method and path. The router, the description in OpenAPI
 * and the client are made of, or checked against, these types.
 */
export interface AccountsCalls extends OwnCalls, FactorCalls, AccountCalls, AdminCalls {}
