import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import Provider, { type Configuration } from 'oidc-provider'

/** A real provider of OpenID Connect, where everybody is let in whose turn it is. */
export interface OidcServer {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** Whoever signs in next, by their subject; the claims are those of the person. */
  signedIn: string
  /** Requests to it, by path. */
  readonly requests: string[]
  /** Ends all of somebody's sessions there; back-channel logouts are sent. */
  stop(): Promise<void>
}

/** What the provider knows of people, by subject. */
export type OidcPeople = Readonly<Record<string, Readonly<Record<string, unknown>>>>

export interface OidcServerOptions {
  readonly people: OidcPeople
  /** Where the gateway is found. */
  readonly gateway: string
}

const clientId = 'gateway'
const clientSecret = 'a-client-secret-for-tests-and-nothing-else'

/** Starts an {@link OidcServer} on a free port. */
export async function startOidcServer({ people, gateway }: OidcServerOptions): Promise<OidcServer> {
  const server: Server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const configuration: Configuration = {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [`${gateway}/_cloakroom/oidc/callback`],
        post_logout_redirect_uris: [`${gateway}/_cloakroom/login?done=out`],
        backchannel_logout_uri: `${gateway}/_cloakroom/oidc/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
    ],
    pkce: { required: () => true },
    features: { devInteractions: { enabled: false }, backchannelLogout: { enabled: true } },
    claims: { openid: ['sub', 'groups'], email: ['email', 'email_verified'], profile: ['name'] },
    // By default it calls no address of this machine: the guard is in an option that is left out here.
    fetch: (url, options = {}) =>
      globalThis.fetch(url, { ...options, dispatcher: undefined } as object),
    cookies: { keys: ['one key for cookies of the provider'] },
    findAccount: (_context, sub) => ({
      accountId: sub,
      claims: async () => ({ sub, ...people[sub] }),
    }),
    interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
    loadExistingGrant: async context => {
      const { client, session } = context.oidc
      const grant = new context.oidc.provider.Grant({
        clientId: client?.clientId ?? '',
        accountId: session?.accountId ?? '',
      })
      grant.addOIDCScope('openid email profile')
      await grant.save()
      return grant
    },
  }
  const provider = new Provider(issuer, configuration)
  provider.on('backchannel.error', (_context, error) => process.stderr.write(`${error.stack}\n`))
  const answer = provider.callback()
  const requests: string[] = []
  const own = {
    issuer,
    clientId,
    clientSecret,
    signedIn: Object.keys(people)[0] ?? '',
    requests,
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
  server.on('request', async (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? ''
    requests.push(`${request.method} ${path}`)
    if (!path.startsWith('/interaction/')) return answer(request, response)
    await provider.interactionFinished(request, response, { login: { accountId: own.signedIn } })
  })
  return own
}
