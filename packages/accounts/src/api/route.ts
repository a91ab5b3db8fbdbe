import type { Context } from 'hono'
import type { Roles, Visit } from '../account/ports.ts'
import type { AccountPermission } from '../account/roles.ts'
import type { AdminConsole } from '../admin/admin.ts'
import type { AccountFlows } from '../flows/accounts.ts'
import type { BadPassword, Refusal, Throttled } from '../flows/outcome.ts'
import type { RequestEnv } from '../web/request.ts'
import type { TextFile } from '../wire/admin-calls.ts'
import type { Call } from '../wire/call.ts'
import type { AccountSettings } from '../wire/own-calls.ts'
import type { CommonReason, ProblemReason, SpecialReason } from '../wire/problem.ts'
import type { Schema } from './schema.ts'

/** What the API is made with. */
export interface ApiParts {
  readonly accounts: AccountFlows
  /** What operators see and do; null where that was left out. */
  readonly admin: AdminConsole | null
  readonly roles: Roles
  /** Begins every address; empty at the root. */
  readonly base: string
  readonly isRegistrationOpen: boolean
  /** Sign-in elsewhere. */
  readonly providers: AccountSettings['providers']
  /** Where somebody goes who signs out, given the handle of the session; null for nowhere. */
  readonly afterSignOut: (sessionId: string) => Promise<string | null>
  readonly clock: { now(): number }
}

/** {@link ApiParts} for the routes that are there only with a console. */
export interface ConsoleParts extends ApiParts {
  readonly admin: AdminConsole
}

/** A request on its way through a route, and what it is answered from. */
export type Asked<Input, Parts = ApiParts> = Parts & {
  readonly input: Input
  readonly request: Context<RequestEnv>
  readonly visit: Visit
}

/** Who may ask: everybody, whoever is signed in, or whoever has a permission. */
export type Access = 'anyone' | 'user' | AccountPermission

/** What a flow refused, with what it says besides. */
export type Refused<Reason extends string> =
  | Refusal<Exclude<Reason, 'password' | 'limited' | 'busy' | 'change-password'>>
  | (Refusal<Extract<Reason, 'change-password'>> & { readonly token: string })
  | ('password' extends Reason ? BadPassword : never)
  | Throttled

/** One route: all there is to know about it, for the router and for the description. */
export interface ApiRoute<Asking extends AnyCall, Parts = ApiParts> extends RouteFacts {
  /** Null for nothing. */
  readonly input: Asking['input'] extends null ? null : Schema<Asking['input']>
  /** Null for no body; a list of media types for a text to be kept. */
  readonly answer: Asking['answer'] extends null
    ? null
    : Asking['answer'] extends TextFile
      ? readonly string[]
      : Schema<Asking['answer']>
  readonly refusals: readonly (Asking['reason'] | 'limited' | 'unsupported')[]
  handle(
    asked: Asked<Asking['input'], Parts>,
  ): Promise<
    | (Asking['answer'] extends TextFile ? Response : Asking['answer'])
    | Refused<Asking['reason'] | CommonReason>
  >
}

/** Any {@link ApiRoute}, for what goes over all of them. */
export interface AnyRoute extends RouteFacts {
  readonly input: Schema<object> | null
  readonly answer: Schema<object> | readonly string[] | null
  handle(asked: Asked<object | null>): Promise<object | null>
}

type AnyCall = Call<object | null, object | null, SpecialReason>

interface RouteFacts {
  /** Names the operation in the description. */
  readonly id: string
  readonly summary: string
  readonly access: Access
  /** Whether only the account's owner may do it, and whether they must have proved it just now. */
  readonly proof?: 'owner' | 'recent'
  /** Keeps nobody signed in, however often it is asked. */
  readonly isPassive?: boolean
  /** What happens does so later, and by mail: the answer is the same whatever it is. */
  readonly isMailed?: boolean
  /** Why it may be refused, besides what may be so with all routes of the same access. */
  readonly refusals: readonly ProblemReason[]
}

/** A part of the table: the routes of some calls. */
export type Routes<Calls, Parts = ApiParts> = {
  readonly [Key in keyof Calls]: Calls[Key] extends AnyCall ? ApiRoute<Calls[Key], Parts> : never
}

/** The answer without a body to what a flow did, or why it did not. */
export function done<Result extends { readonly ok: boolean }>(
  result: Result,
): null | Exclude<Result, { readonly ok: true }> {
  return result.ok ? null : (result as Exclude<Result, { readonly ok: true }>)
}
