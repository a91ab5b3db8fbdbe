import { ConfigError } from 'cloakroom'
import type { Account, AccountStatus } from './account.ts'
import type { AccountFeature, AccountStore, UpdateAccountResult } from './store.ts'

/** A user as an application's own table has them. */
export interface ExistingUser {
  readonly id: string
  readonly email: string
  /** What the user signs in with. @default the e-mail address */
  readonly login?: string | undefined
  /** Argon2id, or what `hasher.verifyForeign` understands; null for no password. */
  readonly passwordHash: string | null
  readonly status: AccountStatus
  /** @default 'user' */
  readonly role?: string | undefined
  /** @default '' */
  readonly name?: string | undefined
}

/** What an application must be able to do with its users: five methods. */
export interface ExistingUsers {
  /** Finds a user by what they sign in with, in the form that `normalize` gives it. */
  findByLogin(login: string): Promise<ExistingUser | null>
  findById(id: string): Promise<ExistingUser | null>
  /**
   * Adds a user who confirmed their address; null when there is one with that login. Leave it out
   * where people do not register themselves.
   */
  create?: ((user: NewExistingUser) => Promise<ExistingUser | null>) | undefined
  /** Stores a new hash. False when the user is gone. */
  updatePassword(id: string, passwordHash: string): Promise<boolean>
  /** Disables or enables a user. False when the user is gone. */
  setStatus(id: string, status: AccountStatus): Promise<boolean>
}

/** A user to be added. */
export interface NewExistingUser extends Omit<ExistingUser, 'id' | 'login' | 'passwordHash'> {
  readonly login: string
  readonly passwordHash: string
}

/** Options of {@link adaptExistingUsers}. */
export interface ExistingUsersOptions {
  /**
   * Brings what somebody typed into the form in which users are found; all spellings that find one
   * user must become one. Null for what can be none. @default composed, in lower case, trimmed
   */
  readonly normalize?: ((typed: string) => string | null) | undefined
}

/**
 * Lets flows work on the users an application has already.
 *
 * Signing in and out, resetting and changing passwords, disabling, ending sessions and impersonation
 * work as always; registration does where there is `create`. What needs more than the five methods is
 * off: lists, names, roles, new addresses, deletion and the first administrator stay with the
 * application, and nothing here keeps the last administrator from being disabled.
 */
export function adaptExistingUsers(
  users: ExistingUsers,
  options: ExistingUsersOptions = {},
): AccountStore {
  const { normalize = normalizeLogin } = options
  const { create } = users
  const lacks: AccountFeature[] = ['email', 'name', 'roles', 'deletion', 'list', 'first-admin']
  if (create === undefined) lacks.push('creation')

  const findById = async (id: string): Promise<Account | null> => {
    const user = await users.findById(id)
    return user === null ? null : accountOf(user, normalize(user.login ?? user.email))
  }

  return {
    lacks: new Set(lacks),
    loginOf: typed => (typeof typed === 'string' ? normalize(typed) : null),
    async findByLogin(login) {
      const user = await users.findByLogin(login)
      return user === null ? null : accountOf(user, login)
    },
    findById,
    async create(account) {
      const { login, email, name, role, status, passwordHash } = account
      if (create === undefined || passwordHash === null) throw unable('creation')
      const user = await create({ login, email, name, role, status, passwordHash })
      if (user === null) return { state: 'taken' }
      return { state: 'created', account: accountOf(user, login) }
    },
    async update({ id }, changes): Promise<UpdateAccountResult> {
      const { passwordHash, status, passwordExpiresAt, ...others } = changes
      if (Object.keys(others).length > 0 || passwordHash === null) throw unable('this change')
      const isPasswordKept =
        passwordHash === undefined || (await users.updatePassword(id, passwordHash))
      const isStatusKept = status === undefined || (await users.setStatus(id, status))
      const account = isPasswordKept && isStatusKept ? await findById(id) : null
      return account === null ? { state: 'gone' } : { state: 'updated', account }
    },
    async noteSignIn({ id, role, passwordHash }) {
      const account = await findById(id)
      if (account?.status !== 'active') return false
      return account.role === role && account.passwordHash === passwordHash
    },
    createFirst: () => Promise.reject(unable('first-admin')),
    delete: () => Promise.reject(unable('deletion')),
    list: () => Promise.reject(unable('list')),
  }
}

function accountOf(user: ExistingUser, login: string | null): Account {
  const { id, email, passwordHash, status, role = 'user', name = '' } = user
  const unknown = { passwordExpiresAt: null, createdAt: 0, signedInAt: null, version: 0 }
  return { id, email, name, role, status, passwordHash, login: login ?? email, ...unknown }
}

function normalizeLogin(typed: string): string | null {
  const login = typed.normalize('NFC').toLowerCase().normalize('NFC').trim()
  return login === '' || login.length > 254 || login.includes('\0') ? null : login
}

function unable(what: string): ConfigError {
  const message = `The users of this application do not support ${what}. Ask \`lacks\` first.`
  return new ConfigError('ERR_OPTION_INVALID', message)
}
