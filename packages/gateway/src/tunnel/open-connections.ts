import type { TunnelConnection } from './tunnel.ts'
import type { Upstreams } from './upstreams.ts'

/** The connections to one app that are open. */
export interface OpenConnections {
  add(connection: TunnelConnection, at: { readonly key: string; readonly upstream: URL }): void
  readonly size: number
  closeAll(): void
}

/**
 * Makes {@link OpenConnections}. A connection whose key belongs to another replica by now is closed,
 * since all else of the same person goes there: the browser opens it anew, at the right one.
 */
export function createOpenConnections(
  upstreams: Pick<Upstreams, 'pick' | 'onChange'>,
): OpenConnections {
  const open = new Map<TunnelConnection, { readonly key: string; readonly upstream: URL }>()
  upstreams.onChange(() => {
    for (const [connection, { key, upstream }] of open) {
      if (upstreams.pick(key) !== upstream) connection.close()
    }
  })
  return {
    add(connection, at) {
      open.set(connection, at)
      connection.onClosed(() => open.delete(connection))
    },
    get size() {
      return open.size
    },
    closeAll() {
      for (const connection of open.keys()) connection.close()
    },
  }
}
