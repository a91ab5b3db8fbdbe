import type { IdentityField } from '../config/config.ts'
import type { IdentityTokens } from './identity-token.ts'
import { identityHeaders } from './names.ts'
import type { Person } from './person.ts'
import type { SessionHandles } from './session-handle.ts'

/** The headers that tell one app who somebody is. */
export interface Identity {
  /** The whole set; each is empty for a visitor. */
  headersFor(person: Person | null): Promise<Readonly<Record<string, string>>>
}

/** What an {@link Identity} is made with. */
export interface IdentityOptions {
  readonly app: string
  readonly aliases: Readonly<Record<string, IdentityField>>
  readonly tokens: IdentityTokens
  readonly handles: SessionHandles
}

/** Makes an {@link Identity}. */
export function createIdentity({ app, aliases, tokens, handles }: IdentityOptions): Identity {
  const names: readonly (readonly [string, IdentityField])[] = [
    ...Object.entries(identityHeaders).map(
      ([field, name]) => [name, field as IdentityField] as const,
    ),
    ...Object.entries(aliases).map(([name, field]) => [name.toLowerCase(), field] as const),
  ]
  const nobody = Object.fromEntries(names.map(([name]) => [name, '']))
  const known = new WeakMap<Person, KnownHeaders>()

  function write(person: Person, jwt: string): Readonly<Record<string, string>> {
    const values: Readonly<Record<IdentityField, string>> = {
      user: encodeValue(person.id),
      email: encodeValue(person.email),
      name: encodeValue(person.name),
      roles: person.roles.join(','),
      session: handles.issue(app, person.sessionId),
      jwt,
    }
    return Object.fromEntries(names.map(([name, field]) => [name, values[field]]))
  }

  return {
    async headersFor(person) {
      if (person === null) return nobody
      const jwt = await tokens.issue(person, app)
      const found = known.get(person)
      if (found?.jwt === jwt) return found.headers
      const headers = write(person, jwt)
      known.set(person, { jwt, headers })
      return headers
    },
  }
}

interface KnownHeaders {
  /** As long as the token is the same, so is all else. */
  readonly jwt: string
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Headers are of ASCII; servers differ in what else they make of them. All else is percent-encoded
 * as UTF-8, and `%` itself, so that decoding gives back what was there.
 */
function encodeValue(text: string): string {
  return text.toWellFormed().replace(/[^\x20-\x7e]+|%/gu, encodeURIComponent)
}
