import type { SecretName } from 'cloakroom'
import type { GatewayConfig } from '../config/config.ts'
import { type GatewaySettings, resolveSettings } from '../config/settings.ts'
import { createDataApi } from '../data-api/data-api.ts'
import { createIdentityTokens } from '../identity/identity-token.ts'
import { createSessionHandles, openHandle } from '../identity/session-handle.ts'
import { createSite } from '../routing/site.ts'
import { createTunnel } from '../tunnel/httpxy-tunnel.ts'
import { createApps } from './apps.ts'
import { type EngineOverrides, type GatewayEngine, openEngine, ownBase } from './engine.ts'
import { createForwardAuthRoutes } from './forward-auth.ts'
import { createJudge } from './judge.ts'
import { createLateSignIns } from './late-sign-in.ts'
import { createMetricsEndpoint } from './metrics.ts'
import { createOwnRoutes } from './own-pages.ts'
import { createOwnership } from './ownership.ts'
import { createPeople } from './people.ts'
import { createRequestListener } from './requests.ts'
import { createGatewayServer } from './server.ts'
import { createUpgradeListener } from './upgrades.ts'
import { createVisitors } from './visitors.ts'
import { createWatchEndpoint } from './watch-endpoint.ts'

/** A gateway, ready to listen. */
export interface Gateway {
  /** Sessions and accounts behind it. */
  readonly engine: GatewayEngine
  readonly settings: GatewaySettings
  /** Listens where the configuration says; resolves with the port. */
  listen(): Promise<number>
  /**
   * Takes other secrets over, without a restart. @returns which have changed
   *
   * @throws {ConfigError} naming one that is too weak; nothing has changed then.
   */
  reloadSecrets(
    config: Pick<GatewayConfig, 'secret' | 'cookieSecret'>,
  ): Promise<readonly SecretName[]>
  /** Lets what is under way come to an end, within some seconds, and closes everything. */
  close(): Promise<void>
}

/**
 * Sets a gateway up, and opens what it keeps things in.
 *
 * @example
 * const gateway = await createGateway({ to: 'http://localhost:8501', preset: 'streamlit', dev: true })
 * await gateway.listen()
 *
 * @throws {ConfigError} naming each setting that is missing, unknown, wrong or unsafe.
 */
export async function createGateway(
  config: GatewayConfig,
  overrides: EngineOverrides = {},
): Promise<Gateway> {
  const settings = resolveSettings(config)
  const engine = await openEngine(settings, overrides)
  const { cloakroom, accounts, keys } = engine
  const { origins, host, port } = settings
  const handles = createSessionHandles(keys)
  const tokens = await createIdentityTokens({
    signing: keys.signing,
    issuer: origins[0],
    clock: cloakroom.clock,
  })
  const ownership = createOwnership(cloakroom.sessions)
  const apps = createApps(settings.apps, { tokens, handles, ownership })
  const site = createSite(origins)
  const visitors = createVisitors(cloakroom)
  const people = createPeople(engine.stores, cloakroom)
  const judge = createJudge({ cloakroom, apps, site, visitors, people })
  const tunnel = createTunnel()
  const data = createDataApi({
    base: `${ownBase}/data`,
    sessions: cloakroom.sessions,
    openHandle: handle =>
      openHandle(
        handles,
        settings.apps.map(({ name }) => name),
        handle,
      ),
  })
  const { oidc } = engine
  const isDraining = (): boolean => server.isDraining
  const routes = [
    ...createOwnRoutes({ cloakroom, tokens, data, oidc, isDraining }),
    ...createForwardAuthRoutes({ cloakroom, site, judge, proxy: settings.forwardAuth }),
  ]
  const { sessions } = cloakroom
  const openOwn = createWatchEndpoint({ site, visitors, sessions })
  const lateSignIn = createLateSignIns({ site, visitors })
  const server = createGatewayServer({
    request: createRequestListener({
      site,
      origins,
      judge,
      tunnel,
      sessions,
      accounts,
      routes,
      lateSignIn,
    }),
    upgrade: createUpgradeListener({ site, judge, tunnel, sessions, openOwn }),
  })

  const metrics = createMetricsEndpoint({ cloakroom, apps }, settings.metrics)

  return {
    engine,
    settings,
    async listen() {
      await metrics.listen()
      return server.listen(port, host)
    },
    async reloadSecrets({ secret, cookieSecret }) {
      const changed = cloakroom.reloadSecrets({ secret, cookieSecret })
      const [newest, ...older] = [secret ?? []].flat()
      if (newest !== undefined && changed.includes('secret')) {
        keys.replace([newest, ...older])
        await tokens.replaceKeys(keys.signing)
      }
      return changed
    },
    async close() {
      await server.drain()
      for (const { upstreams } of apps) upstreams.close()
      tunnel.close()
      await metrics.close()
      await engine.close()
    },
  }
}
