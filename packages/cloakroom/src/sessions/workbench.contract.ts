import { createManualClock, type ManualClock } from '../core/clock.ts'
import type { SecurityEvent } from '../events/event.ts'
import { createSessionManager, type SessionManager, type SessionManagerOptions } from './manager.ts'
import type { SessionState } from './state.ts'
import type { SessionStore } from './store.ts'

export interface Data {
  visits?: number
  cart?: string[]
  theme?: string
  [key: string]: unknown
}

export const oldSecret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
export const newSecret = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'
export const minute = 60_000
export const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
export const alice = { id: 'alice@example.test', role: 'admin', permissions: ['cart:edit'] }

/** A manager on the store under test, with all around it in reach of a test. */
export interface Workbench {
  clock: ManualClock
  store: SessionStore
  /** Every event since the test began. */
  events: SecurityEvent[]
  sessions: SessionManager<Data>
  managerWith(options?: Partial<SessionManagerOptions<Data>>): SessionManager<Data>
  typesOf(): string[]
  /** The session of a token that must be good for one. */
  validOf(token: string, manager?: SessionManager<Data>): Promise<SessionState<Data>>
}

/** Fills a {@link Workbench} anew, so that suites may hold on to it from test to test. */
export async function resetWorkbench(
  bench: Workbench,
  createStore: (clock: ManualClock) => Promise<SessionStore>,
): Promise<void> {
  const clock = createManualClock()
  const store = await createStore(clock)
  const events: SecurityEvent[] = []
  const managerWith = (options: Partial<SessionManagerOptions<Data>> = {}): SessionManager<Data> =>
    createSessionManager<Data>({
      store,
      clock,
      secret: oldSecret,
      events: { emit: event => events.push(event) },
      ...options,
    })
  Object.assign(bench, {
    clock,
    store,
    events,
    sessions: managerWith(),
    managerWith,
    typesOf: () => events.map(event => event.type),
    async validOf(token: string, manager = bench.sessions) {
      const read = await manager.validate(token)
      if (read.state !== 'valid') throw new Error(`The session is ${JSON.stringify(read)}.`)
      return read.session
    },
  })
}
