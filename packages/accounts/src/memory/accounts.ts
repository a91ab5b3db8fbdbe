import {
  type Account,
  type AccountChanges,
  foldSearch,
  type NewAccount,
  searchTextOf,
} from '../account/account.ts'
import { parseEmail } from '../account/email.ts'
import {
  type AccountQuery,
  type AccountStore,
  defaultAdminRole,
  pageSizeOf,
} from '../account/store.ts'

/** What {@link createMemoryAccounts} needs. */
export interface MemoryAccountsOptions {
  /** @default 'admin' */
  readonly adminRole?: string | undefined
}

/**
 * Accounts in the memory of this process: the readable specification of a store, and what tests use.
 * They end with the process.
 */
export function createMemoryAccounts(options: MemoryAccountsOptions = {}): AccountStore {
  const { adminRole = defaultAdminRole } = options
  const accounts = new Map<string, Account>()

  const isAdmin = ({ role, status }: Pick<Account, 'role' | 'status'>): boolean =>
    role === adminRole && status === 'active'

  const findByLogin = (login: string): Account | null =>
    [...accounts.values()].find(account => account.login === login) ?? null

  const isLastAdmin = (account: Account): boolean =>
    isAdmin(account) && [...accounts.values()].filter(isAdmin).length === 1

  function add(fresh: NewAccount): Account {
    const account: Account = { ...fresh, signedInAt: null, version: 1 }
    accounts.set(account.id, account)
    return account
  }

  function isTaken(changes: AccountChanges, account: Account): boolean {
    const holder = changes.login === undefined ? null : findByLogin(changes.login)
    return holder !== null && holder.id !== account.id
  }

  function matches(account: Account, { search = '', role, status }: AccountQuery): boolean {
    if (role !== undefined && account.role !== role) return false
    if (status !== undefined && account.status !== status) return false
    return searchTextOf(account).includes(foldSearch(search))
  }

  return {
    lacks: new Set(),
    loginOf: typed => parseEmail(typed)?.login ?? null,
    findByLogin: async login => findByLogin(login),
    findById: async id => accounts.get(id) ?? null,
    async create(fresh) {
      if (findByLogin(fresh.login) !== null) return { state: 'taken' }
      return { state: 'created', account: add(fresh) }
    },
    async createFirst(fresh) {
      if ([...accounts.values()].some(isAdmin)) return { state: 'exists' }
      if (findByLogin(fresh.login) !== null) return { state: 'taken' }
      return { state: 'created', account: add(fresh) }
    },
    async update({ id, version }, changes) {
      const account = accounts.get(id)
      if (account === undefined) return { state: 'gone' }
      if (account.version !== version) return { state: 'conflict' }
      if (isTaken(changes, account)) return { state: 'taken' }
      const changed = { ...account, ...changes, version: version + 1 }
      if (isLastAdmin(account) && !isAdmin(changed)) return { state: 'last-admin' }
      accounts.set(id, changed)
      return { state: 'updated', account: changed }
    },
    async noteSignIn({ id, role, passwordHash, at }) {
      const account = accounts.get(id)
      if (account?.status !== 'active') return false
      if (account.role !== role || account.passwordHash !== passwordHash) return false
      accounts.set(id, { ...account, signedInAt: at })
      return true
    },
    async delete(id) {
      const account = accounts.get(id)
      if (account === undefined) return 'gone'
      if (isLastAdmin(account)) return 'last-admin'
      accounts.delete(id)
      return 'deleted'
    },
    async list(query = {}) {
      const count = pageSizeOf(query)
      const rest = [...accounts.values()]
        .filter(account => matches(account, query))
        .toSorted((left, right) => compareTexts(left.login, right.login))
        .filter(({ login }) => compareTexts(login, query.cursor ?? '') > 0)
      const page = rest.slice(0, count)
      const cursor = rest.length > count ? (page.at(-1)?.login ?? null) : null
      return { accounts: page, cursor }
    },
  }
}

/** By bytes, as PostgreSQL does in the collation "C". */
function compareTexts(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right))
}
