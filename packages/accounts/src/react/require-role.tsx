/** @jsxImportSource react */
import type { ReactElement, ReactNode } from 'react'
import { useSession } from './session.tsx'

/** Properties of {@link RequireRole}. */
export interface RequireRoleProps {
  /** The lowest role that sees what is within. */
  readonly atLeast: string
  readonly children?: ReactNode
  /** Shown to all others. @default nothing */
  readonly fallback?: ReactNode
  /** Shown while it is not known yet. @default nothing */
  readonly loading?: ReactNode
}

/**
 * Shows something to those who have a role. It protects nothing: what it hides must be refused by the
 * server as well.
 */
export function RequireRole(props: RequireRoleProps): ReactElement {
  const { atLeast, children, fallback = null, loading = null } = props
  const { status, user } = useSession()
  if (status === 'loading') return <>{loading}</>
  return <>{user?.roles.includes(atLeast) === true ? children : fallback}</>
}
