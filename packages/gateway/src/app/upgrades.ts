import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { SessionManager } from 'cloakroom'
import type { Site } from '../routing/site.ts'
import { readTarget, type Target } from '../routing/target.ts'
import { guardConnection } from '../tunnel/guarded-connection.ts'
import type { Tunnel } from '../tunnel/tunnel.ts'
import { answerUpgrade, type Problem } from './answers.ts'
import { affinityOf, type Judge, type Passed } from './judge.ts'
import { isOwnPath } from './own-routes.ts'
import { fenceResume } from './resuming.ts'
import { upstreamHeaders } from './upstream-headers.ts'

/** What upgrades are served with. */
export interface UpgradeParts {
  readonly site: Site
  readonly judge: Judge
  readonly tunnel: Tunnel
  readonly sessions: Pick<SessionManager, 'bind'>
  /** Opens what is at one of the gateway's own paths. */
  readonly openOwn: (request: IncomingMessage, socket: Duplex, target: Target) => Promise<void>
}

/** Makes the listener for upgrades of node:http. */
export function createUpgradeListener(
  parts: UpgradeParts,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  async function serve(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const target = readTarget(request.url ?? '')
    const isSound = target.ok && isWebSocket(request) && parts.site.isOwnHost(request.headers)
    if (!isSound) return answerUpgrade(socket, unfit)
    if (isOwnPath(target.decoded)) return parts.openOwn(request, socket, target)
    const verdict = await parts.judge.judge(request, target, 'upgrade')
    if (verdict.verdict !== 'pass') return answerUpgrade(socket, verdict.problem)
    if (!socket.destroyed) await connect(request, socket, { head, passed: verdict })
  }

  async function connect(
    request: IncomingMessage,
    socket: Duplex,
    { head, passed }: { head: Buffer; passed: Passed },
  ): Promise<void> {
    const { route, session, person } = passed
    const { app } = route
    const key = affinityOf(passed)
    const upstream = app.upstreams.pick(key)
    const headers = await upstreamHeaders(request, app, passed)
    await fenceResume(headers, passed)
    const outcome = await parts.tunnel.connect(request, socket, {
      upstream,
      path: route.forwarded,
      headers,
      handshakeMs: app.settings.handshakeMs,
      head,
      onOpen(connection) {
        app.connections.add(connection, { key, upstream })
        if (session !== null) guardConnection(connection, { sessions: parts.sessions, session })
        if (person !== null) app.fence?.watch(connection, person.id)
      },
    })
    if (outcome === 'unreachable') app.upstreams.noteFailure(upstream)
  }

  return (request, socket, head) => {
    // Until the tunnel listens, a client that goes away must not end the process.
    socket.on('error', () => socket.destroy())
    serve(request, socket, head).catch(error => {
      process.emitWarning(error instanceof Error ? error : String(error))
      socket.destroy()
    })
  }
}

function isWebSocket({ method, headers }: IncomingMessage): boolean {
  return method === 'GET' && headers.upgrade?.toLowerCase() === 'websocket'
}

const unfit: Problem = {
  status: 400,
  code: 'ERR_UPGRADE',
  message: 'Only a WebSocket can be opened here, at an address and by a name of this site.',
}
