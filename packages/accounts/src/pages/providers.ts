/** Sign-in somewhere else, offered on the sign-in page. */
export interface SignInProvider {
  /** As people know it: `Google`, `the company account`. */
  readonly name: string
  /** Where it begins, on the same site. `?next=` says where to come back to. */
  readonly href: string
}

/** Why a provider's sign-in came to nothing, as `/login?refused=` says it. */
export type ProviderRefusal = 'failed' | 'unverified' | 'disabled' | 'closed'

/** The address that begins a sign-in by a provider and comes back to `next`. */
export function beginAddress({ href }: SignInProvider, next: string): string {
  return `${href}${href.includes('?') ? '&' : '?'}next=${encodeURIComponent(next)}`
}
