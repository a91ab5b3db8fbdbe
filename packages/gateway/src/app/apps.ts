import type { AppSettings } from '../config/settings.ts'
import { createIdentity, type Identity } from '../identity/identity.ts'
import type { IdentityTokens } from '../identity/identity-token.ts'
import { createHeaderScreen, type HeaderScreen } from '../identity/names.ts'
import type { SessionHandles } from '../identity/session-handle.ts'
import { createRules, type Rules } from '../routing/rules.ts'
import type { Target } from '../routing/target.ts'
import { createOpenConnections, type OpenConnections } from '../tunnel/open-connections.ts'
import { createResumeFence, type Ownership, type ResumeFence } from '../tunnel/resume-fence.ts'
import { createUpstreams, type Upstreams } from '../tunnel/upstreams.ts'

/** An app behind the gateway, ready to be asked. */
export interface App {
  readonly settings: AppSettings
  readonly upstreams: Upstreams
  /** WebSockets that are open. */
  readonly connections: OpenConnections
  /** Null for an app that keeps no state by name. */
  readonly fence: ResumeFence | null
  readonly rules: Rules
  readonly screen: HeaderScreen
  readonly identity: Identity
}

/** What of an app decides whether requests are for it. */
export interface Placed {
  readonly settings: Pick<AppSettings, 'base' | 'isStripped'>
}

/** A request's way to an app. */
export interface Route<Found extends Placed = App> {
  readonly app: Found
  /** Decoded, below the path of the app. */
  readonly path: string
  /** Path and query, as the app is asked for them. */
  readonly forwarded: string
}

/** What apps are made with. */
export interface AppDeps {
  readonly tokens: IdentityTokens
  readonly handles: SessionHandles
  readonly ownership: Ownership
}

/** Makes the apps, those with the longest path first. */
export function createApps(
  settings: readonly AppSettings[],
  { ownership, ...deps }: AppDeps,
): readonly App[] {
  return settings.map(each => {
    const upstreams = createUpstreams({ urls: each.upstreams, health: each.health })
    return {
      settings: each,
      upstreams,
      connections: createOpenConnections(upstreams),
      fence: each.resume && createResumeFence(each.name, ownership),
      rules: createRules(each.rules),
      screen: createHeaderScreen(Object.keys(each.aliases)),
      identity: createIdentity({ app: each.name, aliases: each.aliases, ...deps }),
    }
  })
}

/** Finds the app whose path a target is below; null where there is none. */
export function findRoute<Found extends Placed>(
  apps: readonly Found[],
  target: Target,
): Route<Found> | null {
  // Compared as it is passed on: a path that is spelt otherwise is another one to the app as well.
  const isBelow = ({ settings: { base } }: Found): boolean =>
    target.path === base || target.path.startsWith(`${base}/`)
  const app = apps.find(isBelow)
  if (app === undefined) return null
  const { base, isStripped } = app.settings
  const path = target.decoded.slice(base.length) || '/'
  const forwarded = isStripped ? target.path.slice(base.length) || '/' : target.path
  return { app, path, forwarded: forwarded + target.search }
}
