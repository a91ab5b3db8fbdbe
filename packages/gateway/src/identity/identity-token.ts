import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Clock } from 'cloakroom'
import { calculateJwkThumbprint, exportJWK, type JSONWebKeySet, type JWK, SignJWT } from 'jose'
import type { Person } from './person.ts'

/** Signed statements of who somebody is, each for one app. */
export interface IdentityTokens {
  issue(person: Person, app: string): Promise<string>
  /** What they are checked with. */
  readonly keys: JSONWebKeySet
  /** Signs with other keys from now on, and forgets what those before have signed. */
  replaceKeys(signing: IdentityTokenOptions['signing']): Promise<void>
}

/** How {@link IdentityTokens} are made. */
export interface IdentityTokenOptions {
  /** Newest first. */
  readonly signing: readonly [KeyObject, ...KeyObject[]]
  /** Who says it: the origin of the gateway. */
  readonly issuer: string
  readonly clock: Clock
}

/** Apps look at a token when a request or connection begins, and need it no longer. */
const lifeMs = 300_000

/** The same token is given out for this long: signing costs more than all else about a request. */
const reuseMs = 60_000

const maxRemembered = 10_000

interface IssuedToken {
  readonly person: Person
  readonly token: Promise<string>
  readonly until: number
}

/** Makes {@link IdentityTokens}. */
export async function createIdentityTokens(options: IdentityTokenOptions): Promise<IdentityTokens> {
  const { issuer, clock } = options
  let { signing } = options
  let keys = await Promise.all(signing.map(describeKey))
  const issued = new Map<string, IssuedToken>()

  function sign(person: Person, app: string, now: number): Promise<string> {
    const { id, email, name, roles, sessionId } = person
    const seconds = Math.floor(now / 1000)
    return new SignJWT({ email, name, roles, sid: sessionId })
      .setProtectedHeader({ alg: 'EdDSA', kid: keys[0]?.kid ?? '', typ: 'JWT' })
      .setSubject(id)
      .setIssuer(issuer)
      .setAudience(app)
      .setIssuedAt(seconds)
      .setExpirationTime(seconds + lifeMs / 1000)
      .sign(signing[0])
  }

  return {
    get keys() {
      return { keys }
    },
    async replaceKeys(others) {
      keys = await Promise.all(others.map(describeKey))
      signing = others
      issued.clear()
    },
    issue(person, app) {
      const now = clock.now()
      const key = `${person.sessionId} ${app}`
      const known = issued.get(key)
      // A person is one object for as long as nothing about them is known to have changed.
      if (known !== undefined && known.person === person && now < known.until) return known.token
      const token = sign(person, app, now)
      issued.delete(key)
      issued.set(key, { person, token, until: now + reuseMs })
      if (issued.size > maxRemembered) issued.delete(issued.keys().next().value ?? '')
      return token
    },
  }
}

async function describeKey(key: KeyObject): Promise<JWK> {
  const jwk = await exportJWK(createPublicKey(key))
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'EdDSA', use: 'sig' }
}
