import { getRequestListener } from '@hono/node-server'
import type { Cloakroom } from 'cloakroom'
import type { DataApi } from '../data-api/data-api.ts'
import type { IdentityTokens } from '../identity/identity-token.ts'
import type { Oidc } from '../oidc/oidc.ts'
import { watcherScript, watcherScriptPath } from '../watcher/script.ts'
import { answerJson, type OwnRoute } from './own-routes.ts'

/** What the gateway's own pages are made with. */
export interface OwnPageParts {
  readonly cloakroom: Pick<Cloakroom, 'checkHealth'>
  readonly tokens: IdentityTokens
  readonly isDraining: () => boolean
  readonly data: DataApi
  readonly oidc: Oidc | null
}

const read = ['GET', 'HEAD']

/** The gateway's own paths, besides the pages of accounts. */
export function createOwnRoutes({
  cloakroom,
  tokens,
  isDraining,
  data,
  oidc,
}: OwnPageParts): readonly OwnRoute[] {
  return [
    {
      path: '/live',
      methods: read,
      isForAnyHost: true,
      handle: (_request, response) => answerJson(response, 200, { isLive: true }),
    },
    {
      path: '/ready',
      methods: read,
      isForAnyHost: true,
      async handle(_request, response) {
        const health = isDraining() ? null : await cloakroom.checkHealth()
        const isReady = !isDraining() && (health === null || health.ok)
        answerJson(response, isReady ? 200 : 503, { isReady })
      },
    },
    {
      path: '/jwks.json',
      methods: read,
      isForAnyHost: true,
      handle(_request, response) {
        response.setHeader('cache-control', 'public, max-age=300')
        response.setHeader('content-type', 'application/jwk-set+json')
        response.end(JSON.stringify(tokens.keys))
      },
    },
    {
      path: watcherScriptPath,
      methods: read,
      handle(_request, response) {
        const headers = { 'content-type': 'text/javascript', 'cache-control': 'max-age=3600' }
        response.writeHead(200, headers).end(watcherScript)
      },
    },
    {
      // Apps call it by whatever name they have for the gateway, with a handle that only they were given.
      path: '/data',
      isTree: true,
      methods: ['GET', 'PUT', 'DELETE'],
      isForAnyHost: true,
      handle: getRequestListener(data.answer, { overrideGlobalObjects: false }),
    },
    ...(oidc === null ? [] : oidcRoutes(oidc)),
  ]
}

function oidcRoutes({ begin, finish, endByProvider }: Oidc): readonly OwnRoute[] {
  return [
    { path: '/oidc/login', methods: ['GET'], handle: begin },
    { path: '/oidc/callback', methods: ['GET'], handle: finish },
    {
      path: '/oidc/backchannel-logout',
      methods: ['POST'],
      isForAnyHost: true,
      handle: endByProvider,
    },
  ]
}
