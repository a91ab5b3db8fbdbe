import type { Cloakroom } from 'cloakroom'
import type { IdentityTokens } from '../identity/identity-token.ts'
import { ownBase } from './engine.ts'
import { answerJson, type OwnRoute } from './own-routes.ts'

/** What the gateway's own pages are made with. */
export interface OwnPageParts {
  readonly cloakroom: Pick<Cloakroom, 'checkHealth'>
  readonly tokens: IdentityTokens
  readonly isDraining: () => boolean
}

const read = ['GET', 'HEAD']

/** The gateway's own paths, besides the pages of accounts. */
export function createOwnRoutes({
  cloakroom,
  tokens,
  isDraining,
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
      // A link cannot sign anybody out, or any page could. The account page has the button.
      path: '/logout',
      methods: read,
      handle: (_request, response) =>
        response.writeHead(303, { location: `${ownBase}/account` }).end(),
    },
  ]
}
