import type { GatewayKeys } from './keys.ts'

/** What stands for a session towards one app: worth nothing to another one, nor without a gateway. */
export interface SessionHandles {
  issue(app: string, sessionId: string): string
  /** The session that a handle stands for; null for one that was not issued to this app. */
  open(app: string, handle: string): string | null
}

/** What a handle stands for: a session, and the app that it was issued to. */
export interface OpenedHandle {
  readonly app: string
  readonly sessionId: string
}

/** Makes {@link SessionHandles}. */
export function createSessionHandles(keys: GatewayKeys): SessionHandles {
  const purpose = (app: string): string => `session handle ${app}`
  return {
    issue: (app, id) => `${id}.${keys.mac(purpose(app), id)}`,
    open(app, handle) {
      const end = handle.lastIndexOf('.')
      const id = handle.slice(0, Math.max(0, end))
      return keys.isMac(purpose(app), id, handle.slice(end + 1)) ? id : null
    },
  }
}

/** Opens a handle of whichever of these apps it is; null for one of none. */
export function openHandle(
  handles: SessionHandles,
  apps: readonly string[],
  handle: string,
): OpenedHandle | null {
  for (const app of apps) {
    const sessionId = handles.open(app, handle)
    if (sessionId !== null) return { app, sessionId }
  }
  return null
}
