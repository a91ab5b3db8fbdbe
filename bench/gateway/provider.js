// A real provider of OpenID Connect, which lets in whoever comes, each as somebody new.
import { once } from 'node:events'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'

export const client = { id: 'proxy', secret: 'a-client-secret-for-measuring-only' }

/** @param {string} redirectUri where the proxy awaits people */
export async function startProvider(redirectUri) {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${server.address().port}`
  const provider = new Provider(issuer, {
    clients: [{ client_id: client.id, client_secret: client.secret, redirect_uris: [redirectUri] }],
    features: { devInteractions: { enabled: false } },
    claims: { openid: ['sub'], email: ['email', 'email_verified'] },
    // The proxy reads them from the ID token.
    conformIdTokenClaims: false,
    cookies: { keys: ['one key for cookies of the provider'] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, email: `${sub}@example.org`, email_verified: true }),
    }),
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    async loadExistingGrant({ oidc }) {
      const { clientId } = oidc.client
      const grant = new oidc.provider.Grant({ clientId, accountId: oidc.session.accountId })
      grant.addOIDCScope('openid email')
      await grant.save()
      return grant
    },
  })
  const answer = provider.callback()
  let people = 0
  server.on('request', (request, response) => {
    if (!request.url.startsWith('/interaction/')) return answer(request, response)
    const login = { accountId: `person-${people++}` }
    return provider.interactionFinished(request, response, { login })
  })
  return { issuer, stop: () => server.close() && server.closeAllConnections() }
}
