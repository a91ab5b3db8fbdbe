import { type AuditFilter, createEventCounter } from 'cloakroom'
import { passive } from 'cloakroom/hono'
import type { Hono } from 'hono'
import { visitOf } from '../web/request.ts'
import { AdminLogPage, type AuditFields, AuditRows } from './admin-audit-page.tsx'
import { type AdminPageParts, cursorOf, queryOf, refuseScript } from './admin-parts.ts'
import { answerRefusal } from './answers.tsx'
import { show } from './renderer.ts'
import type { PageEnv, PageRequest } from './request.ts'

type EventType = NonNullable<AuditFilter['types']>[number]

/** Adds the pages about the log. */
export function addAdminAuditRoutes(app: Hono<PageEnv>, parts: AdminPageParts): void {
  const { admin, texts } = parts
  const types = Object.keys(createEventCounter().counts()).toSorted() as EventType[]

  function readFilter(request: PageRequest): AuditFilter {
    const { type, user, actor, ip } = fieldsOf(request)
    const known = types.filter(name => name === type)
    return {
      ...(known.length > 0 && { types: known }),
      ...(user !== '' && { userId: user }),
      ...(actor !== '' && { actorId: actor }),
      ...(ip !== '' && { ip }),
    }
  }

  app.get('/admin/log', async request => {
    const cursor = cursorOf(request)
    const visit = visitOf(request)
    const result = await admin.readAudit({ ...readFilter(request), cursor }, visit)
    if (!result.ok) return answerRefusal(parts, request, result)
    return show(parts, request, {
      page: context => (
        <AdminLogPage
          context={context}
          search={fieldsOf(request)}
          page={result}
          types={types}
          isNewest={cursor === null}
        />
      ),
    })
  })

  app.get('/admin/log/rows', passive(), async request => {
    const result = await admin.readAudit(readFilter(request), visitOf(request))
    if (!result.ok) return refuseScript(parts, request, result)
    const { base } = parts
    return request.html(await AuditRows({ context: { texts, base }, page: result }).toString())
  })

  app.get('/admin/log/export', async request => {
    const format = queryOf(request, 'format') === 'csv' ? 'csv' : 'jsonl'
    const filter = readFilter(request)
    const result = await admin.exportAudit({ format, filter }, visitOf(request))
    if (!result.ok) return answerRefusal(parts, request, result)
    const type = format === 'csv' ? 'text/csv' : 'application/jsonl'
    request.header('content-type', `${type}; charset=utf-8`)
    request.header('content-disposition', `attachment; filename="log.${format}"`)
    return request.body(streamOf(result.chunks))
  })
}

function fieldsOf(request: PageRequest): AuditFields {
  return {
    type: queryOf(request, 'type'),
    user: queryOf(request, 'user'),
    actor: queryOf(request, 'actor'),
    ip: queryOf(request, 'ip'),
  }
}

/** Nothing is read that nobody takes. */
function streamOf(chunks: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next()
      if (done === true) controller.close()
      else controller.enqueue(encoder.encode(value))
    },
    async cancel() {
      await chunks.return(undefined)
    },
  })
}
