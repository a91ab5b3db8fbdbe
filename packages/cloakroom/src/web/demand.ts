import { type Duration, parseDuration } from '../core/duration.ts'
import type { Demand } from './guard.ts'

/** What else a route demands. */
export interface AccessOptions {
  /** The user proved who they are within this time, such as `'5m'`; otherwise 403, `stale`. */
  readonly fresh?: Duration
}

/** A {@link Demand} from what a route says. @throws {ConfigError} when it makes no sense. */
export function demandOf(
  given: AccessOptions & { role?: string | undefined; permission?: string | undefined },
): Demand {
  const { fresh, role, permission } = given
  return {
    ...(role !== undefined && { role }),
    ...(permission !== undefined && { permission }),
    ...(fresh !== undefined && { freshMs: parseDuration(fresh, 'fresh', { min: 1000 }) }),
  }
}
