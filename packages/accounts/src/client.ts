export {
  type AccountsClient,
  type AccountsClientOptions,
  type CallRefusal,
  type CallResult,
  createAccountsClient,
} from './client/client.ts'
export type { AccountsCalls } from './wire/calls.ts'
export type { CurrentSession, CurrentUser, OwnSession } from './wire/own-calls.ts'
export type { Problem, ProblemReason } from './wire/problem.ts'
