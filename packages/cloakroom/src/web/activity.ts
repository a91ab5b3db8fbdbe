import { StoreError } from '../core/errors.ts'
import type { EventSource } from '../events/event.ts'
import type { SessionState } from '../sessions/state.ts'
import type { Engine } from './engine.ts'

/** Notes a request as activity where that is due, without waiting. */
export function noteActivity<Data>(
  { sessions, events }: Pick<Engine<Data>, 'sessions' | 'events'>,
  state: SessionState<Data>,
  source: EventSource,
): void {
  if (!sessions.isTouchDue(state)) return
  const about = { ...source, sessionId: state.id }
  sessions.touch(state).catch(error => {
    if (error instanceof StoreError) events.emit({ type: 'store_unavailable', ...about })
  })
}
