import type { SessionEntry } from 'cloakroom'
import { addressKey } from 'cloakroom/kit'
import type { AdminParts } from './parts.ts'

/** Which sessions are wanted: those to which all of it applies. */
export interface SessionQuery {
  /** Id of a user, or part of the e-mail address or name of an account. */
  readonly user?: string | undefined
  /** An IP address; of IPv6, its network of 64 bits. */
  readonly address?: string | undefined
  /** Part of the device's description, in any case. */
  readonly device?: string | undefined
  /** Where the search before ended. */
  readonly cursor?: string | null | undefined
}

/** What was found in a part of the sessions. */
export interface FoundSessions {
  readonly entries: readonly SessionEntry[]
  readonly examined: number
  readonly cursor: string | null
}

/** A page has about this many sessions; a search looks at so many for it at most, or a page more. */
const pageSize = 50
const scanSize = 100
const mostExamined = 2000

/** Accounts whose sessions are looked up for one page. */
const accountsPerPage = 10

/** Begins the cursor of a search by user, which goes through the accounts. */
const accountMark = 'a.'

/** Finds sessions in a part of all of them. */
export function findSessions(parts: AdminParts, query: SessionQuery): Promise<FoundSessions> {
  const user = query.user?.trim() ?? ''
  return user === '' ? scanSessions(parts, query) : listSessions(parts, { ...query, user })
}

/** Through all sessions: there is no index by address or device, and none that could go wrong. */
async function scanSessions(parts: AdminParts, query: SessionQuery): Promise<FoundSessions> {
  const isWanted = createTest(query)
  const entries: SessionEntry[] = []
  let examined = 0
  let cursor = query.cursor ?? null
  const isFiltered = isSet(query.address) || isSet(query.device)
  do {
    const size = isFiltered ? scanSize : pageSize
    const page = await parts.engine.sessions.scan(cursor, size)
    entries.push(...page.entries.filter(isWanted))
    examined += page.entries.length
    cursor = page.cursor
    // An empty page costs as much as a full one.
    if (page.entries.length === 0) break
  } while (cursor !== null && entries.length < pageSize && examined < mostExamined)
  return { entries, examined, cursor }
}

/** Through the accounts whose name or address has the text, and the user whose id it is. */
async function listSessions(
  parts: AdminParts,
  query: SessionQuery & { readonly user: string },
): Promise<FoundSessions> {
  const { accounts, engine } = parts
  const { user } = query
  const cursor = query.cursor?.startsWith(accountMark) ? query.cursor.slice(2) : null
  const isFirst = cursor === null
  const page = accounts.lacks.has('list')
    ? { ids: await findOne(parts, user), cursor: null }
    : await listIds(parts, user, cursor)
  const ids = new Set(isFirst ? [user, ...page.ids] : page.ids)
  const lists = await Promise.all([...ids].map(id => engine.sessions.list(id)))
  const all = lists.flat()
  return {
    entries: all.filter(createTest(query)),
    examined: all.length,
    cursor: page.cursor === null ? null : `${accountMark}${page.cursor}`,
  }
}

async function listIds({ accounts }: AdminParts, search: string, cursor: string | null) {
  const page = await accounts.list({ search, cursor, count: accountsPerPage })
  return { ids: page.accounts.map(({ id }) => id), cursor: page.cursor }
}

async function findOne({ accounts }: AdminParts, typed: string): Promise<readonly string[]> {
  const login = accounts.loginOf(typed)
  const account = login === null ? null : await accounts.findByLogin(login)
  return account === null ? [] : [account.id]
}

function createTest({ address, device }: SessionQuery): (entry: SessionEntry) => boolean {
  const network = isSet(address) ? addressKey(address.trim()) : null
  const words = isSet(device) ? device.trim().toLowerCase() : null
  return entry => {
    if (network !== null && addressKey(entry.ip ?? '') !== network) return false
    return words === null || entry.device?.toLowerCase().includes(words) === true
  }
}

function isSet(text: string | undefined): text is string {
  return text !== undefined && text.trim() !== ''
}
