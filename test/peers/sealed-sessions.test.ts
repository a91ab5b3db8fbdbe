import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  createExpressSessionStore,
  type ExpressSessionStore,
} from '../../packages/cloakroom/src/express-session.ts'
import { type ConnectedClient, redisClients } from '../support/redis-clients.ts'
import { type RedisServer, startRedis } from '../support/redis-server.ts'
import { type Handler, type Peer, peers, serve } from './express-session/harness.ts'

const app: Handler = (request, response) => {
  const { session } = request
  const url = new URL(request.url ?? '', 'http://x')
  const key = url.searchParams.get('k')
  const finish = () => {
    if (key !== null) session[key] = true
    const { cookie: _cookie, ...data } = session
    response.end(JSON.stringify(data))
  }
  if (url.pathname === '/logout') return void session.destroy(() => response.end())
  setTimeout(finish, Number(url.searchParams.get('ms') ?? 0))
}

let redis: RedisServer
beforeAll(async () => {
  redis = await startRedis()
})
afterAll(() => redis.stop())

const cases = peers.flatMap(peer => redisClients.map(client => ({ peer, client })))

describe.each(cases)('$peer.name with sealed sessions on $client.name', ({ peer, client }) => {
  const connections: ConnectedClient[] = []
  const stores: ExpressSessionStore[] = []
  beforeEach(() => () => {
    for (const store of stores.splice(0)) store.close()
    for (const connection of connections.splice(0)) connection.close()
  })

  /** A server of its own, as another process would be. */
  function serveOne(from: Peer = peer) {
    const connection = client.connect(redis.url)
    const store = createExpressSessionStore({
      redis: connection.native as never,
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    })
    connections.push(connection)
    stores.push(store)
    return serve(from, { store, saveUninitialized: false, rolling: true }, app)
  }

  it('keeps what parallel requests on two servers wrote', async () => {
    const sites = [await serveOne(), await serveOne()]
    const { cookie = '' } = (await sites[0]?.get('/?k=first')) ?? {}
    const names = Array.from({ length: 20 }, (_, index) => `k${index}`)
    await Promise.all(
      names.map((name, index) => sites[index % 2]?.get(`/?ms=50&k=${name}`, { cookie })),
    )
    const data = JSON.parse((await sites[0]?.get('/', { cookie }))?.body ?? '{}')
    expect(Object.keys(data).sort()).toEqual(['first', ...names].sort())
  })

  it.each(['/?ms=80&k=late', '/?ms=80'])(
    'undoes no logout by a request under way: %s',
    async url => {
      const [here, there] = [await serveOne(), await serveOne()]
      const { cookie } = await here.get('/?k=first')
      const late = there.get(url, { cookie })
      await delay(30)
      await here.get('/logout', { cookie })
      expect((await late).status).toBe(200)
      const { body } = await here.get('/', { cookie })
      expect(body).toBe('{}')
    },
  )

  it.runIf(peer.isOurs)('sends no cookie again of a session that was ended', async () => {
    const [here, there] = [await serveOne(), await serveOne()]
    const { cookie } = await here.get('/?k=first')
    // Connected by now, it reads the session before the logout.
    await there.get('/', { cookie })
    const late = there.get('/?ms=80&k=late', { cookie })
    await delay(30)
    await here.get('/logout', { cookie })
    expect((await late).lines).toEqual([])
  })
})

describe('a redirect of cloakroom/express-session', () => {
  it('never arrives before its session, in 200 rounds of slow writes', async () => {
    const [client] = redisClients
    const ours = peers.find(({ isOurs }) => isOurs)
    const connection = client?.connect(redis.url)
    if (ours === undefined || connection === undefined) throw new Error('There is nothing to test.')
    const store = createExpressSessionStore({
      redis: connection.native as never,
      secret: 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
    })
    const { set } = store
    store.set = (...args) => {
      setTimeout(() => set.apply(store, args), 200)
    }
    const site = await serve(ours, { store, saveUninitialized: false }, (request, response) => {
      if (request.url === '/me') return void response.end(String(request.session['user']))
      request.session.regenerate(() => {
        request.session['user'] = request.url
        response.writeHead(302, { location: '/me' }).end()
      })
    })
    const follow = async (user: string): Promise<string> => {
      const response = await fetch(site.url + user, { redirect: 'manual' })
      const [cookie = ''] = response.headers.getSetCookie().map(line => line.split(';')[0] ?? '')
      return (await site.get('/me', { cookie })).body
    }
    const users = Array.from({ length: 200 }, (_, index) => `/user${index}`)
    expect(await Promise.all(users.map(follow))).toEqual(users)
    store.close()
    connection.close()
  })
})
