import type { AuditFilter, AuditPage, AuditQuery } from 'cloakroom'
import { type AccountView, viewOf } from '../account/account.ts'
import type { Visit } from '../account/ports.ts'
import type { AuthorizationRefusal } from '../flows/authorization.ts'
import type { Success } from '../flows/outcome.ts'
import { type AuditFormat, createAuditWriter } from './audit-export.ts'
import type { AdminParts } from './parts.ts'

/**
 * Which entries of the log are wanted: those to which all of it applies. People may be named by the
 * e-mail address of their account, too.
 */
export type AuditSearch = Omit<AuditQuery, 'tenant'>

/** A page of the log, and who is who in it. */
export interface AdminAuditPage extends AuditPage {
  /** Accounts that its entries name, by id; those that are deleted are missing. */
  readonly people: ReadonlyMap<string, AccountView>
}

/** What the console does with the log of events. */
export interface AuditDesk {
  /** At most 200 entries, the newest first. */
  readAudit(
    search: AuditSearch,
    visit: Visit,
  ): Promise<Success<AdminAuditPage> | AuthorizationRefusal>
  /**
   * All entries that a filter lets pass, as text that comes bit by bit. Lines of JSON are those of the
   * log itself, with its signatures, where it has any. The text ends early when whoever asked for it
   * loses the right to.
   */
  exportAudit(
    input: { readonly format: AuditFormat; readonly filter?: AuditFilter | undefined },
    visit: Visit,
  ): Promise<Success<{ readonly chunks: AsyncGenerator<string> }> | AuthorizationRefusal>
}

const demand = { permission: 'audit:read' } as const
const longestPage = 200

/** How many entries are exported for one look at whether they still may be. */
const batch = 500

/** Makes an {@link AuditDesk}. */
export function createAuditDesk({ engine, flows, accounts, auditLog }: AdminParts): AuditDesk {
  return {
    async readAudit({ limit = 50, ...search }, visit) {
      const allowed = await flows.authorize(demand, visit)
      if (!allowed.ok) return allowed
      const size = Math.min(longestPage, Math.max(1, Math.floor(limit)))
      const page = await auditLog.read({ ...search, ...(await idsOf(search)), limit: size })
      return { ok: true, ...page, people: await findPeople(page) }
    },

    async exportAudit({ format, filter = {} }, visit) {
      const allowed = await flows.authorize(demand, visit)
      if (!allowed.ok) return allowed
      const { source, session } = visit
      const userId = allowed.actor.id
      const about = { ...source, userId, sessionId: session.id ?? undefined, details: { format } }
      engine.events.emit({ type: 'audit_exported', ...about })
      const wanted = { ...filter, ...(await idsOf(filter)) }
      const isAllowed = async () => (await flows.authorize(demand, visit)).ok
      const isOwn = format === 'jsonl' && auditLog.export !== undefined
      const chunks = isOwn
        ? passOn(auditLog.export(wanted), isAllowed)
        : write(createAuditWriter(format), wanted, isAllowed)
      return { ok: true, chunks }
    },
  }

  async function idsOf({ userId, actorId }: AuditFilter): Promise<AuditFilter> {
    const [user, actor] = await Promise.all([personId(userId), personId(actorId)])
    return { userId: user, actorId: actor }
  }

  async function personId(typed: string | undefined): Promise<string | undefined> {
    const login = typed === undefined ? null : accounts.loginOf(typed)
    const account = login === null ? null : await accounts.findByLogin(login)
    return account?.id ?? typed
  }

  async function findPeople({ entries }: AuditPage): Promise<ReadonlyMap<string, AccountView>> {
    const named = entries.flatMap(({ event }) => [event?.userId, event?.actorId])
    const ids = [...new Set(named)].filter(id => id !== undefined)
    const found = await Promise.all(ids.map(id => accounts.findById(id)))
    return new Map(
      found.flatMap(account => (account === null ? [] : [[account.id, viewOf(account)]])),
    )
  }

  async function* write(
    writer: ReturnType<typeof createAuditWriter>,
    filter: AuditFilter,
    isAllowed: () => Promise<boolean>,
  ): AsyncGenerator<string> {
    yield writer.head
    let cursor: string | null = null
    do {
      const page: AuditPage = await auditLog.read({ ...filter, cursor, limit: batch })
      yield page.entries.map(({ event }) => (event === null ? '' : writer.line(event))).join('')
      cursor = page.cursor
    } while (cursor !== null && (await isAllowed()))
  }
}

async function* passOn(
  lines: AsyncGenerator<string>,
  isAllowed: () => Promise<boolean>,
): AsyncGenerator<string> {
  let count = 0
  for await (const line of lines) {
    count += 1
    if (count % batch === 0 && !(await isAllowed())) return
    yield `${line}\n`
  }
}
