import { createRemoteJWKSet, jwtVerify } from 'jose'
import * as client from 'openid-client'

/** A provider of OpenID Connect, and what the gateway is called there. */
export interface OidcProviderOptions {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  readonly scopes: readonly string[]
  /** Where the provider sends browsers back to. */
  readonly callback: string
  /** A provider on this machine may do without https. */
  readonly isDev: boolean
}

/** What must be kept from the beginning of a sign-in to its end. */
export interface LoginSecrets {
  readonly state: string
  readonly nonce: string
  readonly verifier: string
}

/** What a provider says of somebody who signed in there. */
export interface ProvenLogin {
  readonly claims: Readonly<Record<string, unknown>> & { readonly sub: string }
  readonly idToken: string
}

/** Whose sessions a provider asks to end. */
export interface LogoutOrder {
  readonly subject: string
  /** One session at the provider; null for all. */
  readonly providerSession: string | null
}

/** A provider of OpenID Connect. Every method throws when it cannot be reached. */
export interface OidcProvider {
  /** Where to send a browser, and what to keep until it comes back. */
  begin(): Promise<{ readonly url: URL; readonly secrets: LoginSecrets }>
  /** @throws when what came back is not what was asked for. */
  finish(callback: URL, secrets: LoginSecrets): Promise<ProvenLogin>
  /** Where to send a browser to sign out there as well; null when the provider has no such page. */
  endAddress(idToken: string, returnTo: string): Promise<string | null>
  /** Checks a logout token; null for what is none of this provider's. */
  readLogout(token: string): Promise<LogoutOrder | null>
}

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout'

/**
 * Makes an {@link OidcProvider}. Its description is read when it is first needed, so that a provider
 * that is down keeps nobody from what needs no sign-in.
 */
export function createOidcProvider(options: OidcProviderOptions): OidcProvider {
  const { issuer, clientId, clientSecret, scopes, callback, isDev } = options
  let discovered: Promise<Discovered> | null = null

  function discover(): Promise<Discovered> {
    discovered ??= readDescription().catch(error => {
      discovered = null
      throw error
    })
    return discovered
  }

  async function readDescription(): Promise<Discovered> {
    const execute = isDev ? { execute: [client.allowInsecureRequests] } : {}
    const config = await client.discovery(
      new URL(issuer),
      clientId,
      clientSecret,
      undefined,
      execute,
    )
    const { jwks_uri: keys = '' } = config.serverMetadata()
    return { config, keys: createRemoteJWKSet(new URL(keys)) }
  }

  return {
    async begin() {
      const { config } = await discover()
      const secrets = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        verifier: client.randomPKCECodeVerifier(),
      }
      const url = client.buildAuthorizationUrl(config, {
        redirect_uri: callback,
        scope: scopes.join(' '),
        state: secrets.state,
        nonce: secrets.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(secrets.verifier),
        code_challenge_method: 'S256',
      })
      return { url, secrets }
    },

    async finish(current, { state, nonce, verifier }) {
      const { config } = await discover()
      const tokens = await client.authorizationCodeGrant(config, current, {
        expectedState: state,
        expectedNonce: nonce,
        pkceCodeVerifier: verifier,
        idTokenExpected: true,
      })
      const claims = tokens.claims()
      if (claims === undefined || tokens.id_token === undefined) throw new Error('No ID token.')
      // Many providers say of the address only when they are asked.
      const hasUserInfo = config.serverMetadata().userinfo_endpoint !== undefined
      const further = hasUserInfo
        ? await client.fetchUserInfo(config, tokens.access_token, claims.sub)
        : {}
      return { claims: { ...further, ...claims }, idToken: tokens.id_token }
    },

    async endAddress(idToken, returnTo) {
      const { config } = await discover()
      if (config.serverMetadata().end_session_endpoint === undefined) return null
      const given = { id_token_hint: idToken, post_logout_redirect_uri: returnTo }
      return client.buildEndSessionUrl(config, given).href
    },

    // OpenID Connect Back-Channel Logout 1.0, section 2.6.
    async readLogout(token) {
      const { config, keys } = await discover()
      const verified = await jwtVerify(token, keys, {
        issuer: config.serverMetadata().issuer,
        audience: clientId,
        requiredClaims: ['iat', 'jti', 'events'],
        maxTokenAge: '5 minutes',
        clockTolerance: '1 minute',
      }).catch(() => null)
      const payload = verified?.payload
      const { events, nonce, sub, sid } = payload ?? {}
      const isLogout = typeof events === 'object' && events !== null && logoutEvent in events
      if (!isLogout || nonce !== undefined || typeof sub !== 'string') return null
      return { subject: sub, providerSession: typeof sid === 'string' ? sid : null }
    },
  }
}

interface Discovered {
  readonly config: client.Configuration
  readonly keys: ReturnType<typeof createRemoteJWKSet>
}
