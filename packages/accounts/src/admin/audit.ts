import type { Visit } from '../account/ports.ts'
import type { AuthorizationRefusal } from '../flows/authorization.ts'
import type { Success } from '../flows/outcome.ts'
import { type AuditFormat, createAuditWriter } from './audit-export.ts'
import type { AuditFilter, AuditPage } from './audit-log-store.ts'
import type { AdminParts } from './parts.ts'

/** Which entries of the log are wanted. */
export interface AuditSearch {
  readonly filter?: AuditFilter | undefined
  /** Where the page before ended. */
  readonly cursor?: string | null | undefined
  /** @default 50, at most 200 */
  readonly count?: number | undefined
}

/** What the console does with the log of events. */
export interface AuditDesk {
  readAudit(search: AuditSearch, visit: Visit): Promise<Success<AuditPage> | AuthorizationRefusal>
  /**
   * The entries that a filter lets pass, newest first, as text that comes bit by bit. It ends early
   * when whoever asked for it loses the right to.
   */
  exportAudit(
    input: { readonly format: AuditFormat; readonly filter?: AuditFilter | undefined },
    visit: Visit,
  ): Promise<Success<{ readonly chunks: AsyncGenerator<string> }> | AuthorizationRefusal>
}

const exportPage = 500
const mostPages = 400

/** Makes an {@link AuditDesk}. */
export function createAuditDesk({ flows, auditLog }: AdminParts): AuditDesk {
  async function readAudit(
    { filter = {}, cursor = null, count = 50 }: AuditSearch,
    visit: Visit,
  ): Promise<Success<AuditPage> | AuthorizationRefusal> {
    const allowed = await flows.authorize({ permission: 'audit:read' }, visit)
    if (!allowed.ok) return allowed
    const size = Math.min(exportPage, Math.max(1, Math.floor(count)))
    return { ok: true, ...(await auditLog.read({ before: cursor, count: size, filter })) }
  }

  return {
    readAudit: (search, visit) =>
      readAudit({ ...search, count: Math.min(200, search.count ?? 50) }, visit),

    async exportAudit({ format, filter }, visit) {
      const first = await readAudit({ filter, count: exportPage }, visit)
      if (!first.ok) return first
      const writer = createAuditWriter(format)
      async function* write(): AsyncGenerator<string> {
        yield writer.head
        let page: Success<AuditPage> | AuthorizationRefusal = first
        for (let pages = 0; page.ok && pages < mostPages; pages += 1) {
          yield page.entries.map(entry => writer.line(entry)).join('')
          if (page.cursor === null) return
          page = await readAudit({ filter, cursor: page.cursor, count: exportPage }, visit)
        }
      }
      return { ok: true, chunks: write() }
    },
  }
}
