import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AccountStores, Accounts } from '@cloakroom/accounts'
import { type Cloakroom, type Session, safeRedirectPath } from 'cloakroom'
import { addressKey } from 'cloakroom/kit'
import { readText } from '../routing/body.ts'
import { type ClaimOptions, readClaims } from './claims.ts'
import { addPending, takePending } from './pending-logins.ts'
import type { OidcProvider } from './provider.ts'

/** What {@link createOidc} needs. */
export interface OidcParts {
  readonly provider: OidcProvider
  readonly settings: Omit<ClaimOptions, 'ladder'>
  readonly cloakroom: Cloakroom
  readonly accounts: Pick<Accounts, 'flows'>
  readonly stores: Pick<AccountStores, 'identities'>
  /** Where browsers find the gateway. */
  readonly origin: string
  /** The sign-in page. */
  readonly signInPath: string
}

/** Answers a request of one of the gateway's own paths. */
type Handler = (request: IncomingMessage, response: ServerResponse) => unknown

/** Sign-in by a provider of OpenID Connect. */
export interface Oidc {
  /** Begins a sign-in: `GET ?next=`. */
  readonly begin: Handler
  /** Where the provider sends browsers back to. */
  readonly finish: Handler
  /** Ends sessions when the provider says so: OpenID Connect Back-Channel Logout 1.0. */
  readonly endByProvider: Handler
  /** The provider's page for signing out, for a session that began there; null for any other. */
  endAddress(sessionId: string): Promise<string | null>
}

/** What is kept with a session that began at a provider. */
interface ProviderSession {
  readonly idToken: string
  /** What the provider calls its own session. */
  readonly providerSession: string | null
}

const lockerName = 'oidc'
const maxTokenBytes = 16_384

/** Makes {@link Oidc}. */
export function createOidc(parts: OidcParts): Oidc {
  const { provider, cloakroom, accounts, stores, settings, origin, signInPath } = parts
  const { issuer } = settings
  const { sessions, clock } = cloakroom
  const claimOptions = { ...settings, ladder: cloakroom.roles.ladder }

  const begin = cloakroom.node(async (request, response, session) => {
    const next = safeRedirectPath(queryOf(request).get('next'), { fallback: '/' })
    if (session.isAuthenticated) return goTo(response, next)
    // A script that was refused must not begin a sign-in: nobody would end it.
    if (request.headers['sec-fetch-mode'] === 'cors') return answer(response, 400)
    try {
      const { url, secrets } = await provider.begin()
      addPending(session.data, { ...secrets, next, startedAt: clock.now() })
      goTo(response, url.href)
    } catch (error) {
      refuse(response, next, error)
    }
  })

  const finish = cloakroom.node(async (request, response, session) => {
    const query = queryOf(request)
    const pending = takePending(session.data, query.get('state') ?? '', clock.now())
    const next = pending?.next ?? '/'
    // Another tab was faster: this one goes where it wanted to.
    if (session.isAuthenticated) return goTo(response, next)
    if (pending === null) return goTo(response, refusal('failed', next))
    try {
      const current = new URL(`${origin}${request.url}`)
      const { claims, idToken } = await provider.finish(current, pending)
      const result = await accounts.flows.signInFederated(
        readClaims(claims, claimOptions),
        visitOf(session),
      )
      if (!result.ok && result.reason === 'second-factor') {
        return goTo(response, `${signInPath}/code?${new URLSearchParams({ next })}`)
      }
      if (!result.ok) {
        const known = ['unverified', 'disabled', 'closed'] as const
        return goTo(response, refusal(known.find(each => each === result.reason) ?? 'failed', next))
      }
      const { sid } = claims
      await keep(session, { idToken, providerSession: typeof sid === 'string' ? sid : null })
      goTo(response, next)
    } catch (error) {
      refuse(response, next, error)
    }
  })

  async function keep({ id }: Session, value: ProviderSession): Promise<void> {
    if (id !== null) await sessions.locker({ session: id }).set(lockerName, value)
  }

  async function find(id: string): Promise<ProviderSession | null> {
    const found = await sessions.locker({ session: id }).get(lockerName)
    return (found?.value as ProviderSession | undefined) ?? null
  }

  async function endByProvider(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await readText(request, maxTokenBytes)
    const token = new URLSearchParams(body ?? '').get('logout_token') ?? ''
    const order = await provider.readLogout(token)
    if (order === null) return answer(response, 400)
    const userId = await stores.identities?.find({ issuer, subject: order.subject })
    if (userId) await endSessions(userId, order.providerSession)
    answer(response, 200)
  }

  async function endSessions(userId: string, providerSession: string | null): Promise<void> {
    const reason = 'ended-by-provider'
    if (providerSession === null) return sessions.raiseEpoch({ user: userId }, { reason })
    const entries = await sessions.list(userId)
    for (const { id } of entries) {
      // One that ended meanwhile has no locker any more.
      const kept = await find(id).catch(() => null)
      if (kept?.providerSession === providerSession) await sessions.revoke(id, { reason })
    }
  }

  /** What a provider or the way to it got wrong is told to operators, and not to visitors. */
  function refuse(response: ServerResponse, next: string, error: unknown): void {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown'
    cloakroom.events.emit({ type: 'auth_failure', reason: 'provider', details: { code } })
    goTo(response, refusal('failed', next))
  }

  const refusal = (reason: string, next: string): string =>
    `${signInPath}?${new URLSearchParams({ refused: reason, next })}`

  return {
    begin,
    finish,
    endByProvider,
    async endAddress(sessionId) {
      const kept = await find(sessionId)
      return kept && provider.endAddress(kept.idToken, `${origin}${signInPath}?done=out`)
    },
  }
}

function visitOf(session: Session): Parameters<Accounts['flows']['signInFederated']>[1] {
  const { source } = session
  return { session, source, address: addressKey(source.ip ?? '') }
}

function queryOf({ url = '' }: IncomingMessage): URLSearchParams {
  return new URLSearchParams(url.split('?', 2)[1] ?? '')
}

function goTo(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, 'cache-control': 'no-store' }).end()
}

function answer(response: ServerResponse, status: number): void {
  response.writeHead(status, { 'cache-control': 'no-store' }).end()
}
