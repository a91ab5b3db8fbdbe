import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { SessionManager } from 'cloakroom'
import type { Site } from '../routing/site.ts'
import type { Target } from '../routing/target.ts'
import { closingFrame } from '../tunnel/frames.ts'
import { watcherSocketPath } from '../watcher/script.ts'
import { acceptWatchSocket } from '../watcher/socket.ts'
import { answerUpgrade } from './answers.ts'
import { ownBase } from './engine.ts'
import type { Visitors } from './visitors.ts'

/** What the endpoint works with. */
export interface WatchEndpointParts {
  readonly site: Site
  readonly visitors: Visitors
  readonly sessions: Pick<SessionManager, 'bind'>
}

/** Opens the WebSocket that tells a page when its session ends. It never counts as activity. */
export function createWatchEndpoint({ site, visitors, sessions }: WatchEndpointParts) {
  return async (request: IncomingMessage, socket: Duplex, { path }: Target): Promise<void> => {
    if (path !== `${ownBase}${watcherSocketPath}`) return answerUpgrade(socket, notFound)
    if (!site.isOwnOrigin(request.headers)) return answerUpgrade(socket, foreign)
    const client = visitors.locate(request)
    const options = { isPassive: true, isSensitive: true }
    const { session, isUnknown } = await visitors.read(request, client, options)
    if (isUnknown) return answerUpgrade(socket, unavailable)
    const watch = acceptWatchSocket(request, socket, closingFrame)
    // Browsers do not say why an upgrade was refused: a page without a session is told so by a code.
    if (session === null) watch.close(4001, 'Session ended')
    else sessions.bind(watch, session, { isPassive: true })
  }
}

const notFound = { status: 404, code: 'ERR_NOT_FOUND', message: 'There is nothing here.' }
const foreign = {
  status: 403,
  code: 'ERR_ORIGIN',
  message: 'Pages of other sites may not connect.',
}
const unavailable = { status: 503, code: 'ERR_UNAVAILABLE', message: 'Try again soon.' }
