import { ConfigError } from '../core/errors.ts'

/** Roles as the accounts know them, lowest first. Other names may be given instead. */
export const userRoles = ['guest', 'user', 'moderator', 'admin'] as const

/** A role of the usual ladder. */
export type UserRole = (typeof userRoles)[number]

/** Who may do what. */
export interface RoleOptions {
  /** Lowest first: each may do what the ones before may. @default guest, user, moderator, admin */
  ladder?: readonly string[]
  /** What a role may do, besides what the roles below it may. */
  permissions?: Readonly<Record<string, readonly string[]>>
}

/** {@link RoleOptions}, checked. */
export interface Roles {
  /** All of them, lowest first. */
  readonly ladder: readonly string[]
  /** Whether a role reaches another one. An unknown role reaches nothing. */
  reaches(role: string | null, atLeast: string): boolean
  /** Whether a role includes a permission. */
  allows(role: string | null, permission: string): boolean
  /** @throws {ConfigError} for a name that is not on the ladder. */
  requireKnown(role: string): void
}

/** Makes {@link Roles}. @throws {ConfigError} for a ladder or permission that makes no sense. */
export function resolveRoles(options: RoleOptions = {}): Roles {
  const ladder = options.ladder ?? userRoles
  const permissions = options.permissions ?? {}
  if (ladder.length === 0 || new Set(ladder).size !== ladder.length) {
    throw new ConfigError(
      'ERR_OPTION_INVALID',
      '`roles.ladder` must name at least one role, each once, the lowest first.',
    )
  }
  const rank = (role: string): number => ladder.indexOf(role)
  const requireKnown = (role: string): void => {
    if (rank(role) >= 0) return
    throw new ConfigError(
      'ERR_OPTION_INVALID',
      `\`${role}\` is not a role. Known: ${ladder.join(', ')}. Add it to \`roles.ladder\`.`,
    )
  }
  for (const role of Object.keys(permissions)) requireKnown(role)
  const granted = new Map(
    ladder.map((role, place) => [
      role,
      new Set(ladder.slice(0, place + 1).flatMap(each => permissions[each] ?? [])),
    ]),
  )
  return {
    ladder,
    reaches: (role, atLeast) => role !== null && rank(role) >= rank(atLeast) && rank(atLeast) >= 0,
    allows: (role, permission) => role !== null && granted.get(role)?.has(permission) === true,
    requireKnown,
  }
}
