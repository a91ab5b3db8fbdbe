import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Cloakroom, createCloakroom } from 'cloakroom'
import { createManualClock } from 'cloakroom/testing'
import { createClient } from 'redis'
import { type Change, controlSessions, type Report } from './faults.ts'
import type { Data } from './kit.ts'

/** How an application of the suite is started. */
export interface ServeOptions {
  /** How requests are opened. */
  readonly open?: { readonly lazy?: boolean; readonly csrf?: boolean }
  /** Keeps sessions there instead of in memory. */
  readonly redisUrl?: string | undefined
}

/** An application that runs. */
export interface Served {
  readonly origin: string
  control(change?: Change): Promise<Report>
  close(): Promise<void>
}

/** A framework under test. */
export interface Framework {
  readonly name: string
  serve(options?: ServeOptions): Promise<Served>
}

/** Builds an application of a framework and gives the server that it listens with. */
export type Build = (
  cloakroom: Cloakroom<Data>,
  open: ServeOptions['open'],
) => Server | Promise<Server>

/** Makes a {@link Framework} that runs in this process. */
export function inProcess(name: string, build: Build): Framework {
  return {
    name,
    async serve({ open, redisUrl } = {}) {
      const { cloakroom, control, end } = await createControlled(redisUrl)
      const server = await build(cloakroom, open)
      if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening')
      const { port } = server.address() as AddressInfo
      return {
        origin: `http://127.0.0.1:${port}`,
        control: async change => control(change),
        async close() {
          server.closeAllConnections()
          server.close()
          await end()
        },
      }
    },
  }
}

/** A Cloakroom whose sessions are in the hands of a test. */
export async function createControlled(redisUrl?: string): Promise<{
  cloakroom: Cloakroom<Data>
  control: (change?: Change) => Report
  end: () => Promise<void>
}> {
  const clock = createManualClock()
  const redis = redisUrl === undefined ? undefined : createClient({ url: redisUrl })
  await redis?.connect()
  const cloakroom = createCloakroom<Data>({
    ...(redis !== undefined && { redis: redis as never }),
    clock,
    audit: false,
    env: {},
    secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    cookieSecret: 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
    csrf: { token: 'unproven', visitorToken: 'unproven' },
    roles: { permissions: { admin: ['cart:edit'] } },
    rateLimit: { rules: { twice: { limit: 2, window: '1m' } } },
    session: { limit: false },
  })
  const end = async (): Promise<void> => {
    cloakroom.close()
    redis?.destroy()
  }
  return { cloakroom, control: controlSessions(cloakroom, clock), end }
}
