import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { SessionManager } from 'cloakroom'
import type { Site } from '../routing/site.ts'
import { readTarget } from '../routing/target.ts'
import { guardConnection } from '../tunnel/guarded-connection.ts'
import type { Tunnel } from '../tunnel/tunnel.ts'
import { answerUpgrade, type Problem } from './answers.ts'
import type { Judge, Passed } from './judge.ts'
import { isOwnPath } from './own-routes.ts'
import { upstreamHeaders } from './upstream-headers.ts'

/** What upgrades are served with. */
export interface UpgradeParts {
  readonly site: Site
  readonly judge: Judge
  readonly tunnel: Tunnel
  readonly sessions: Pick<SessionManager, 'bind'>
}

/** Makes the listener for upgrades of node:http. */
export function createUpgradeListener(
  parts: UpgradeParts,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  async function serve(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const target = readTarget(request.url ?? '')
    const isSound = target.ok && isWebSocket(request) && parts.site.isOwnHost(request.headers)
    if (!isSound || isOwnPath(target.decoded)) return answerUpgrade(socket, unfit)
    const verdict = await parts.judge.judge(request, target, 'upgrade')
    if (verdict.verdict !== 'pass') return answerUpgrade(socket, verdict.problem)
    if (!socket.destroyed) await connect(request, socket, { head, passed: verdict })
  }

  async function connect(
    request: IncomingMessage,
    socket: Duplex,
    { head, passed }: { head: Buffer; passed: Passed },
  ): Promise<void> {
    const { route, session } = passed
    const { upstreams, handshakeMs } = route.app.settings
    const [upstream] = upstreams
    if (upstream === undefined) return void socket.destroy()
    await parts.tunnel.connect(request, socket, {
      upstream,
      path: route.forwarded,
      headers: await upstreamHeaders(request, route.app, passed),
      handshakeMs,
      head,
      onOpen(connection) {
        if (session !== null) guardConnection(connection, { sessions: parts.sessions, session })
      },
    })
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
