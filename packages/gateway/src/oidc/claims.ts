import type { FederatedInput } from '@cloakroom/accounts'

/** How a provider's claims become an account. */
export interface ClaimOptions {
  readonly issuer: string
  /** The claim that holds roles or groups; null for none. */
  readonly roleClaim: string | null
  /** What of that claim gives which role; whoever has none of it keeps the role of the account. */
  readonly roles: Readonly<Record<string, string>>
  readonly registration: 'open' | 'closed'
  /** All roles, the lowest first. */
  readonly ladder: readonly string[]
}

/** Reads what a provider says of somebody. What is not of its type counts as not said. */
export function readClaims(
  claims: Readonly<Record<string, unknown>> & { readonly sub: string },
  { issuer, roleClaim, roles, registration, ladder }: ClaimOptions,
): FederatedInput {
  const groups = roleClaim === null ? [] : textsOf(claims[roleClaim])
  const given = groups.flatMap(group => (Object.hasOwn(roles, group) ? [roles[group]] : []))
  const methods = textsOf(claims['amr']).filter(name => /^[a-z0-9]{2,16}$/.test(name))
  return {
    issuer,
    subject: claims.sub,
    email: textOf(claims['email']),
    isEmailVerified: claims['email_verified'] === true,
    name: textOf(claims['name']),
    mayRegister: registration === 'open',
    role: ladder.findLast(role => given.includes(role)),
    ...(methods.length > 0 && { methods: methods.slice(0, 5) }),
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** A text alone counts as a list of one. */
function textsOf(value: unknown): readonly string[] {
  return [value].flat().filter(each => typeof each === 'string')
}
