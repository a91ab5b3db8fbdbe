// A real provider of OpenID Connect, a worker. It lets in whoever comes, each as somebody new.
import { once } from 'node:events'
import { createServer } from 'node:http'
import Provider from 'oidc-provider'
import { endWithStarter } from '../harness/worker.js'

const [clientId, clientSecret, redirectUri] = process.argv.slice(2)

endWithStarter()
const server = createServer().listen(0, '127.0.0.1')
await once(server, 'listening')
const issuer = `http://127.0.0.1:${server.address().port}`
const provider = new Provider(issuer, {
  clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [redirectUri] }],
  features: { devInteractions: { enabled: false } },
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  // The proxy reads claims from the ID token.
  conformIdTokenClaims: false,
  cookies: { keys: ['one key for cookies of the provider'] },
  findAccount: (_context, sub) => ({
    accountId: sub,
    claims: async () => ({ sub, email: `${sub}@example.org`, email_verified: true }),
  }),
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  async loadExistingGrant({ oidc }) {
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
process.send({ issuer })
