import { Cookie } from '../../packages/cloakroom/src/adapters/express-session/cookie.ts'
import { Session } from '../../packages/cloakroom/src/adapters/express-session/session.ts'
import type { ExpressSessionStoreOptions } from '../../packages/cloakroom/src/app/express-session-options.ts'
import { createExpressSessionStore } from '../../packages/cloakroom/src/app/express-session-store.ts'
import { createManualClock } from '../../packages/cloakroom/src/core/clock.ts'
import type { SecurityEvent } from '../../packages/cloakroom/src/events/event.ts'
import type { ConnectedClient } from './redis-clients.ts'

export const sealSecret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'

type Data = Session & Record<string, unknown>
type Callback<Value> = (error?: Error | null, value?: Value) => void

/** A store for express-session on a clock of the test's own, and what middleware does with it. */
export function openExpressSessionStore(
  { native }: ConnectedClient,
  options: Partial<ExpressSessionStoreOptions> = {},
) {
  const clock = createManualClock()
  const events: SecurityEvent[] = []
  const store = createExpressSessionStore({
    redis: native as never,
    secret: sealSecret,
    env: {},
    clock,
    onEvent: event => events.push(event),
    userOf: session => (session as { user?: string }).user,
    ...options,
  })
  return {
    store,
    clock,
    events,
    /** The session of a request that came without one. */
    begin(id: string, data: object = {}, maxAge: number | null = null): Data {
      const session = new Session({ sessionID: id, sessionStore: store }, data)
      session.cookie = new Cookie({ maxAge })
      return session as Data
    },
    /** The session of a request that came with this id. */
    load: (id: string) => ask<Data>(callback => store.load(id, callback as never)),
    save: (session?: Session) => ask(callback => session?.save(callback)),
    touch: (session: Session) => ask(callback => store.touch(session.id, session, callback)),
    destroy: (id: string) => ask(callback => store.destroy(id, callback)),
    length: () => ask<number>(callback => store.length(callback)),
  }
}

/** A promise of what is called back with. */
export function ask<Value>(
  call: (callback: Callback<Value>) => unknown,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    call((error, value) => (error ? reject(error) : resolve(value)))
  })
}
