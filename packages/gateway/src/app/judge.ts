import type { IncomingMessage } from 'node:http'
import type { Cloakroom } from 'cloakroom'
import type { Person } from '../identity/person.ts'
import { decide } from '../routing/rules.ts'
import type { Site } from '../routing/site.ts'
import type { Target } from '../routing/target.ts'
import type { Problem } from './answers.ts'
import { type App, findRoute, type Route } from './apps.ts'
import type { People } from './people.ts'
import type { Client, SignedIn, Visitor, Visitors } from './visitors.ts'

/** A request that may be passed on, and for whom. */
export interface Passed {
  readonly verdict: 'pass'
  readonly route: Route
  readonly client: Client
  /** Null for a visitor. */
  readonly person: Person | null
  readonly session: SignedIn | null
  readonly cookies: readonly string[]
}

/** A request that may not; `sign-in` when it might after that. */
export interface Refused {
  readonly verdict: 'refuse' | 'sign-in'
  readonly problem: Problem
}

/** What requests of one person have in common: they go to the same replica. */
export function affinityOf({ session, client }: Pick<Passed, 'session' | 'client'>): string {
  return session?.id ?? client.ip
}

/** A request as far as it is judged. */
export type AskedRequest = Pick<IncomingMessage, 'method' | 'headers' | 'socket'>

/** Decides on requests. */
export interface Judge {
  judge(
    request: AskedRequest,
    target: Target,
    kind: 'request' | 'upgrade',
  ): Promise<Passed | Refused>
}

/** What a {@link Judge} goes by. */
export interface JudgeParts {
  readonly cloakroom: Pick<Cloakroom, 'roles' | 'events'>
  readonly apps: readonly App[]
  readonly site: Site
  readonly visitors: Visitors
  readonly people: People
}

/** Makes a {@link Judge}. */
export function createJudge({ cloakroom, apps, site, visitors, people }: JudgeParts): Judge {
  return {
    async judge(request, target, kind) {
      const { headers, method = 'GET' } = request
      const route = findRoute(apps, target)
      if (route === null) return refuse(noApp)
      const isUpgrade = kind === 'upgrade'
      const isForeign = isUpgrade ? !site.isOwnOrigin(headers) : site.isForeign(method, headers)
      const rulings = route.app.rules.find({ method, path: route.path })
      const isPublic = rulings.every(({ allow }) => allow === 'public')
      const client = visitors.locate(request)
      if (isForeign && (isUpgrade || !isPublic)) {
        cloakroom.events.emit({ type: 'csrf_failed', ip: client.ip, reason: 'origin-mismatch' })
        return refuse(foreign)
      }
      // A page of another site may use what is public, but nobody's name.
      const visitor = isForeign
        ? nobodyAt(client)
        : await visitors.read(request, client, { isPassive: isUpgrade, isSensitive: isUpgrade })
      const { session, cookies } = visitor
      const person = session === null ? null : await people.find(session)
      const role = person === null ? null : (session?.role ?? 'user')
      const decision = decide(rulings, role, cloakroom.roles)
      if (decision === 'allowed') {
        return { verdict: 'pass', route, client, person, session: person && session, cookies }
      }
      if (decision === 'sign-in') return visitor.isUnknown ? refuse(unavailable) : signIn(visitor)
      const about = { ip: client.ip, userId: person?.id, sessionId: session?.id }
      cloakroom.events.emit({ type: 'access_denied', ...about, reason: 'rule' })
      return refuse(forbidden)
    },
  }
}

function nobodyAt(client: Client): Visitor {
  return { client, session: null, isUnknown: false, reason: 'none', cookies: [] }
}

function refuse(problem: Problem): Refused {
  return { verdict: 'refuse', problem }
}

function signIn({ reason }: Visitor): Refused {
  return { verdict: 'sign-in', problem: reason === 'none' ? notSignedIn : ended }
}

const noApp: Problem = {
  status: 404,
  code: 'ERR_NO_APP',
  message: 'There is nothing at this address.',
}

const foreign: Problem = {
  status: 403,
  code: 'ERR_ORIGIN',
  message: 'The request comes from a page of another site, which may not do this.',
}

const forbidden: Problem = {
  status: 403,
  code: 'ERR_FORBIDDEN',
  message: 'You may not do this.',
}

const unavailable: Problem = {
  status: 503,
  code: 'ERR_UNAVAILABLE',
  message: 'Who you are cannot be told at the moment. Try again soon.',
  headers: { 'retry-after': '3' },
}

const notSignedIn: Problem = {
  status: 401,
  code: 'ERR_UNAUTHENTICATED',
  message: 'You are not signed in. Load the page to sign in.',
}

const ended: Problem = {
  status: 401,
  code: 'ERR_SESSION_ENDED',
  message: 'Your session has ended. Reload the page to sign in again.',
}
