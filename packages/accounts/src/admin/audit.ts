import type { AuditFilter, AuditPage, AuditQuery } from 'cloakroom'
import type { Visit } from '../account/ports.ts'
import type { AuthorizationRefusal } from '../flows/authorization.ts'
import type { Success } from '../flows/outcome.ts'
import { type AuditFormat, createAuditWriter } from './audit-export.ts'
import type { AdminParts } from './parts.ts'

/** Which entries of the log are wanted: those to which all of it applies. */
export type AuditSearch = Omit<AuditQuery, 'tenant'>

/** What the console does with the log of events. */
export interface AuditDesk {
  /** At most 200 entries, the newest first. */
  readAudit(search: AuditSearch, visit: Visit): Promise<Success<AuditPage> | AuthorizationRefusal>
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
export function createAuditDesk({ flows, auditLog }: AdminParts): AuditDesk {
  return {
    async readAudit({ limit = 50, ...search }, visit) {
      const allowed = await flows.authorize(demand, visit)
      if (!allowed.ok) return allowed
      const size = Math.min(longestPage, Math.max(1, Math.floor(limit)))
      return { ok: true, ...(await auditLog.read({ ...search, limit: size })) }
    },

    async exportAudit({ format, filter = {} }, visit) {
      const allowed = await flows.authorize(demand, visit)
      if (!allowed.ok) return allowed
      const isAllowed = async () => (await flows.authorize(demand, visit)).ok
      const isOwn = format === 'jsonl' && auditLog.export !== undefined
      const chunks = isOwn
        ? passOn(auditLog.export(filter), isAllowed)
        : write(createAuditWriter(format), filter, isAllowed)
      return { ok: true, chunks }
    },
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
