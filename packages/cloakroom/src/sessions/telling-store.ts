import type { SessionChange } from './changes.ts'
import type { AbsentReason, SessionStore } from './store.ts'

/** What loading may find that ends the session. */
const endings: readonly AbsentReason[] = ['idle', 'absolute', 'epoch', 'corrupt']

/**
 * The same store, which also tells this process at once what it changed: whoever ends a session and
 * asks again in the same process must not be answered from memory, however late the message comes.
 */
export function tellChanges(
  store: SessionStore,
  tell: (change: SessionChange) => void,
): SessionStore {
  const tellEnded = (...ids: string[]): void => {
    if (ids.length > 0) tell({ kind: 'ended', ids })
  }
  return {
    ...store,
    load: request =>
      store.load(request).then(result => {
        const hasEnded = result.state === 'absent' && endings.includes(result.reason)
        if (hasEnded || result.state === 'reused') tellEnded(request.id)
        return result
      }),
    async create(request) {
      const result = await store.create(request)
      if (result.state === 'created') tellEnded(...result.evicted.map(({ id }) => id))
      return result
    },
    async save(request) {
      const result = await store.save(request)
      const { id, generation } = request.record
      if (result.state === 'written') tell({ kind: 'saved', id, generation })
      return result
    },
    async rotate(request) {
      const result = await store.rotate(request)
      const { id, generation } = request.record
      const kind = request.retired.kind === 'successor' ? 'saved' : 'rights'
      if (result.state === 'written') tell({ kind, id, generation })
      return result
    },
    async end(id, retired) {
      const record = await store.end(id, retired)
      tellEnded(id)
      return record
    },
    async endAll(owner, exceptId) {
      const records = await store.endAll(owner, exceptId)
      tell({ kind: 'owner-ended', owner, exceptId: exceptId ?? null })
      return records
    },
    async raiseEpoch(name) {
      const value = await store.raiseEpoch(name)
      tell({ kind: 'epoch', name, value })
      return value
    },
  }
}
