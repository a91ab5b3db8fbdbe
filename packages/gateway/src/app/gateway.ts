import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { GatewayConfig } from '../config/config.ts'
import { type GatewaySettings, resolveSettings } from '../config/settings.ts'
import { createIdentityTokens } from '../identity/identity-token.ts'
import { createSessionHandles } from '../identity/session-handle.ts'
import { createSite } from '../routing/site.ts'
import { createTunnel } from '../tunnel/httpxy-tunnel.ts'
import { createApps } from './apps.ts'
import { type EngineOverrides, type GatewayEngine, openEngine } from './engine.ts'
import { createJudge } from './judge.ts'
import { createOwnRoutes } from './own-pages.ts'
import { createPeople } from './people.ts'
import { createRequestListener } from './requests.ts'
import { createUpgradeListener } from './upgrades.ts'
import { createVisitors } from './visitors.ts'

/** A gateway, ready to listen. */
export interface Gateway {
  /** Sessions and accounts behind it. */
  readonly engine: GatewayEngine
  readonly settings: GatewaySettings
  /** Listens where the configuration says; resolves with the port. */
  listen(): Promise<number>
  /** Lets what is under way come to an end, within some seconds, and closes everything. */
  close(): Promise<void>
}

/** Requests that were begun may take this long once the gateway is to close. */
const drainMs = 5000

/** Cookies of large apps need more than the 16 KiB of Node.js. */
const maxHeaderBytes = 32_768

/**
 * Sets a gateway up, and opens what it keeps things in.
 *
 * @example
 * const gateway = await createGateway({ to: 'http://localhost:8501', preset: 'streamlit', dev: true })
 * await gateway.listen()
 *
 * @throws {ConfigError} naming each setting that is missing, unknown, wrong or unsafe.
 */
export async function createGateway(
  config: GatewayConfig,
  overrides: EngineOverrides = {},
): Promise<Gateway> {
  const settings = resolveSettings(config)
  const engine = await openEngine(settings, overrides)
  const { cloakroom, accounts, keys } = engine
  const { origins, host, port } = settings
  const handles = createSessionHandles(keys)
  const tokens = await createIdentityTokens({
    signing: keys.signing,
    issuer: origins[0],
    clock: cloakroom.clock,
  })
  const apps = createApps(settings.apps, { tokens, handles })
  const site = createSite(origins)
  const visitors = createVisitors(cloakroom)
  const people = createPeople(engine.stores, cloakroom)
  const judge = createJudge({ cloakroom, apps, site, visitors, people })
  const tunnel = createTunnel()
  let isDraining = false
  const routes = createOwnRoutes({ cloakroom, tokens, isDraining: () => isDraining })

  const server = createServer({
    maxHeaderSize: maxHeaderBytes,
    headersTimeout: 60_000,
    // Uploads take as long as they take; the tunnel looks after those that stall.
    requestTimeout: 0,
    // Longer than load balancers keep connections, so that it is they who close them.
    keepAliveTimeout: 65_000,
  })
  const listen = createRequestListener({ site, origins, judge, tunnel, accounts, routes })
  server.on('request', (request, response) => {
    if (isDraining) response.shouldKeepAlive = false
    listen(request, response)
  })
  server.on('upgrade', createUpgradeListener({ site, judge, tunnel, sessions: cloakroom.sessions }))
  server.on('clientError', answerClientError)
  const upgraded = new Set<Socket>()
  server.on('upgrade', (_request, socket) => {
    upgraded.add(socket as Socket)
    socket.once('close', () => upgraded.delete(socket as Socket))
  })

  return {
    engine,
    settings,
    async listen() {
      server.listen(port, host)
      await once(server, 'listening')
      return (server.address() as AddressInfo).port
    },
    async close() {
      isDraining = true
      if (server.listening) {
        const closed = once(server, 'close')
        server.close()
        for (const socket of upgraded) socket.destroy()
        const cut = setTimeout(() => server.closeAllConnections(), drainMs)
        await closed
        clearTimeout(cut)
      }
      tunnel.close()
      await engine.close()
    },
  }
}

/** Says what is wrong with what is no request. */
function answerClientError(
  error: NodeJS.ErrnoException,
  socket: import('node:stream').Duplex,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') return void socket.destroy()
  const isLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const status = isLarge ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const text = isLarge
    ? 'The request has more headers than are read here. Clear the cookies of this site, and load it again.\n'
    : 'This is no request that can be read.\n'
  const head = `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Type: text/plain\r\n`
  socket.end(`${head}Content-Length: ${text.length}\r\n\r\n${text}`)
}
