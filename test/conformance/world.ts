import { afterAll, afterEach, beforeAll } from 'vitest'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Browser, createBrowser } from './browser.ts'
import type { Report } from './faults.ts'
import type { Framework, Served } from './served.ts'

/** Applications of one framework, and people who use them. */
export interface World {
  /** As it is by default. */
  readonly app: Served
  /** Where sessions are read when they are asked for. */
  readonly lazy: Served
  /** Where routes check requests against forgery themselves. */
  readonly unchecked: Served
  browse(app?: Served): Browser
  /** A browser whose user is signed in. */
  signIn(body?: Record<string, string>, app?: Served): Promise<Browser>
  /** What happened while something ran. */
  watch(run: () => Promise<unknown>, app?: Served): Promise<Report>
}

/** Starts the applications before the tests of a `describe`, and ends them afterwards. */
export function useWorld(framework: Framework, store: 'memory' | 'redis'): () => World {
  let redis: RedisServer | null = null
  let apps: Served[] = []
  let world: World | null = null

  beforeAll(async () => {
    if (store === 'redis') redis = await startRedis()
    const redisUrl = redis?.url
    const settings = [{}, { lazy: true }, { csrf: false }]
    apps = await Promise.all(settings.map(open => framework.serve({ open, redisUrl })))
    world = createWorld(apps)
  })
  afterEach(async () => {
    for (const app of apps) await app.control({ failing: 'none', delayMs: 0 })
  })
  afterAll(async () => {
    for (const app of apps) await app.close()
    await redis?.stop()
  })
  return () => {
    if (world === null) throw new Error('The applications have not started.')
    return world
  }
}

function createWorld([app, lazy, unchecked]: readonly Served[]): World {
  if (app === undefined || lazy === undefined || unchecked === undefined) {
    throw new Error('Three applications are needed.')
  }
  const browse = (at: Served = app): Browser => createBrowser(at.origin)
  return {
    app,
    lazy,
    unchecked,
    browse,
    async signIn(body = {}, at = app) {
      const browser = browse(at)
      const answer = await browser.post('/login', { user: 'alice', ...body })
      if (answer.status >= 400) throw new Error(`Signing in answered ${answer.status}.`)
      return browser
    },
    async watch(run, at = app) {
      const before = await at.control()
      await run()
      const after = await at.control()
      return {
        calls: after.calls - before.calls,
        sensitive: after.sensitive - before.sensitive,
        pending: after.pending,
        events: after.events.slice(before.events.length),
      }
    },
  }
}
