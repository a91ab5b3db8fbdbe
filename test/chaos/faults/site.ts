import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createCloakroom, type Session } from 'cloakroom'
import { sensitive } from 'cloakroom/node'
import { type DriverName, openNative, type RedisAddress } from '../../support/redis-addresses.ts'

/** How one process of the site is started. */
export interface SiteOptions {
  readonly driver: DriverName
  readonly address: RedisAddress
  /** How far the clock of its machine is off. */
  readonly clockOffMs: number
}

/** What a session of the site holds. */
export interface Tally {
  /** How often was added to it. */
  count: number
  /** What was written last. */
  mark: number
}

/** What every page says. */
export interface Page extends Tally {
  readonly reason: string | null
  readonly id: string | null
  readonly user: string | null
}

type Action = (
  session: Session<Partial<Tally>>,
  argument: string,
  sessions: ReturnType<typeof createCloakroom<Partial<Tally>>>['sessions'],
) => unknown

const actions: Readonly<Record<string, Action>> = {
  read: session => session.load(),
  sensitive: () => sensitive(),
  login: (session, user) => session.login({ id: user }, { carry: false, remember: true }),
  async mark(session, value) {
    await session.load()
    if (session.isAuthenticated) session.data.mark = Number(value)
  },
  async add(session) {
    await session.load()
    if (!session.isAuthenticated) return
    await session.update(data => ({ ...data, count: (data.count ?? 0) + 1 }))
  },
  rotate: session => session.rotate(),
  logout: session => session.logout(),
  end: (_session, id, sessions) => sessions.revoke(id),
  endAll: (_session, user, sessions) => sessions.raiseEpoch({ user }),
}

await serve(JSON.parse(process.argv[2] ?? '') as SiteOptions)
process.exit()

/** Serves the site until the process that started this one ends. */
async function serve({ driver, address, clockOffMs }: SiteOptions): Promise<void> {
  const machineNow = Date.now
  Date.now = () => machineNow() + clockOffMs
  const cloakroom = createCloakroom<Partial<Tally>>({
    redis: openNative(driver, address) as never,
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
    session: { idle: '5m', absolute: '8m', remember: { idle: '5m', absolute: '8m' } },
    nearCache: true,
    audit: false,
    env: {},
  })
  const listener = cloakroom.node(
    async (request, response, given) => {
      const session = given as Session<Partial<Tally>>
      const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost')
      await actions[pathname.slice(1)]?.(
        session,
        searchParams.get('with') ?? '',
        cloakroom.sessions,
      )
      await session.load()
      const { id, user, reason } = session
      const { count = 0, mark = 0 } = user === null ? {} : session.data
      const page = { id, user: user?.id ?? null, reason, count, mark }
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify(page))
    },
    { csrf: false },
  )
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  process.on('message', () => {
    globalThis.gc?.()
    process.send?.(process.memoryUsage().heapUsed)
  })
  process.send?.((server.address() as AddressInfo).port)
  await once(process, 'disconnect')
}
