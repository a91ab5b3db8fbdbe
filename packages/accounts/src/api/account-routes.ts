import { z } from 'zod'
import type { AccountView } from '../account/account.ts'
import type {
  AccountCalls,
  AccountList,
  AccountSearch,
  ImpersonationRequest,
  Invitation,
  ManagedAccount,
  OneAccount,
  RoleChange,
  StatusChange,
} from '../wire/account-calls.ts'
import { showSession } from './current-session.ts'
import { currentSession } from './own-schemas.ts'
import { done, type Routes } from './route.ts'
import { instant, instantOf, instantOrNull, object, type Schema, text } from './schema.ts'

const status = z.enum(['active', 'disabled'])

const oneAccount = object<OneAccount>({ accountId: text })

/** An account as those see it who look after it. */
export const managedAccount: Schema<ManagedAccount> = object<ManagedAccount>({
  id: z.string(),
  email: z.string(),
  name: z.string(),
  role: z.string(),
  status,
  createdAt: instant,
  signedInAt: instant.nullable(),
})

/** The accounts of others. */
export const accountRoutes: Routes<AccountCalls> = {
  'GET /admin/accounts': {
    id: 'listAccounts',
    summary: 'Accounts in the order of their addresses, page by page.',
    access: 'accounts:read',
    input: object<AccountSearch>({
      search: text.optional(),
      role: text.optional(),
      status: status.optional(),
      cursor: text.optional(),
      count: z.coerce.number().int().min(1).max(200).optional(),
    }),
    answer: object<AccountList>({
      accounts: z.array(managedAccount),
      cursor: z.string().nullable(),
    }),
    refusals: ['unsupported'],
    async handle({ accounts, visit, input }) {
      const result = await accounts.listAccounts(input, visit)
      if (!result.ok) return result
      return { accounts: result.accounts.map(showAccount), cursor: result.cursor }
    },
  },

  'POST /admin/accounts': {
    id: 'inviteAccount',
    summary: 'Mails a link by which somebody chooses the password of an account with this role.',
    access: 'accounts:invite',
    proof: 'recent',
    isMailed: true,
    input: object<Invitation>({ email: text, role: text, name: text.optional() }),
    answer: null,
    refusals: ['email', 'name', 'role', 'taken', 'unsupported'],
    async handle({ accounts, visit, input: { email, role, name = '' } }) {
      return done(await accounts.invite({ email, role, name }, visit))
    },
  },

  'GET /admin/accounts/{accountId}': {
    id: 'findAccount',
    summary: 'One account.',
    access: 'accounts:read',
    input: oneAccount,
    answer: managedAccount,
    refusals: ['gone'],
    async handle({ accounts, visit, input }) {
      const result = await accounts.findAccount(input, visit)
      return result.ok ? showAccount(result.account) : result
    },
  },

  'DELETE /admin/accounts/{accountId}': {
    id: 'deleteOtherAccount',
    summary: 'Deletes an account and ends its sessions.',
    access: 'accounts:delete',
    proof: 'recent',
    input: oneAccount,
    answer: null,
    refusals: ['gone', 'last-admin', 'unsupported'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.deleteAccount(input, visit))
    },
  },

  'PUT /admin/accounts/{accountId}/status': {
    id: 'setAccountStatus',
    summary: 'Disables an account and ends its sessions, or enables it again.',
    access: 'accounts:change',
    proof: 'recent',
    input: object<StatusChange>({ accountId: text, status }),
    answer: null,
    refusals: ['gone', 'last-admin'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.setStatus(input, visit))
    },
  },

  'PUT /admin/accounts/{accountId}/role': {
    id: 'changeAccountRole',
    summary: 'Gives an account another role and ends its sessions.',
    access: 'accounts:roles',
    proof: 'recent',
    input: object<RoleChange>({ accountId: text, role: text }),
    answer: null,
    refusals: ['gone', 'last-admin', 'role', 'unsupported'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.changeRole(input, visit))
    },
  },

  'POST /admin/accounts/{accountId}/reset': {
    id: 'startAccountReset',
    summary: 'Mails a link to choose a new password.',
    access: 'accounts:change',
    isMailed: true,
    input: oneAccount,
    answer: null,
    refusals: ['gone'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.startReset(input, visit))
    },
  },

  'DELETE /admin/accounts/{accountId}/sessions': {
    id: 'endAccountSessions',
    summary: 'Ends all sessions of an account.',
    access: 'sessions:end',
    input: oneAccount,
    answer: null,
    refusals: ['gone'],
    async handle({ accounts, visit, input }) {
      return done(await accounts.endSessions(input, visit))
    },
  },

  'POST /admin/accounts/{accountId}/impersonation': {
    id: 'impersonate',
    summary: 'Has an administrator act as somebody, for a limited time.',
    access: 'accounts:impersonate',
    proof: 'recent',
    input: object<ImpersonationRequest>({ accountId: text, reason: text }),
    answer: currentSession,
    refusals: ['gone', 'reason'],
    async handle(asked) {
      const result = await asked.accounts.impersonate(asked.input, asked.visit)
      return result.ok ? showSession(asked) : result
    },
  },
}

/** An account as the wire has it. */
function showAccount(account: AccountView): ManagedAccount {
  const { id, email, name, role, status, createdAt, signedInAt } = account
  return {
    id,
    email,
    name,
    role,
    status,
    createdAt: instantOf(createdAt),
    signedInAt: instantOrNull(signedInAt),
  }
}
