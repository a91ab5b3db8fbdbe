import { ConfigError, type Duration } from 'cloakroom'
import { parseDuration } from 'cloakroom/kit'
import type {
  AppConfig,
  FrontProxy,
  GatewayConfig,
  IdentityField,
  OidcConfig,
  RuleConfig,
} from './config.ts'
import { type Preset, presets } from './presets.ts'
import { checkSafety } from './safety.ts'
import { parseConfig } from './validate.ts'

/** An app, with every value. */
export interface AppSettings {
  readonly name: string
  /** Where it is found, without a slash at the end: empty for all of the site. */
  readonly base: string
  readonly isStripped: boolean
  readonly upstreams: readonly URL[]
  readonly rules: readonly RuleConfig[]
  readonly aliases: Readonly<Record<string, IdentityField>>
  readonly hasWatcher: boolean
  /** Where the app is asked how it is, path and all. */
  readonly health: string | false
  readonly resume: Preset['resume']
  readonly responseMs: number
  readonly uploadMs: number
  readonly handshakeMs: number
}

/** A provider of OpenID Connect, with every value. */
export interface OidcSettings extends Pick<OidcConfig, 'issuer' | 'clientId' | 'clientSecret'> {
  readonly name: string
  readonly scopes: readonly string[]
  readonly roleClaim: string | null
  readonly roles: Readonly<Record<string, string>>
  readonly registration: 'open' | 'closed'
}

/** The gateway's settings, with every value. Holds secrets: do not print it. */
export interface GatewaySettings
  extends Pick<GatewayConfig, 'accounts' | 'mail' | 'admin' | 'session' | 'theme'> {
  /** Those with the longest path first. */
  readonly apps: readonly AppSettings[]
  readonly host: string
  readonly port: number
  /** The first one is what links are made with. */
  readonly origins: readonly [string, ...string[]]
  readonly trustProxy: readonly string[]
  /** Null where all is kept in memory. */
  readonly redis: string | null
  readonly secret: string | readonly string[] | undefined
  readonly cookieSecret: string | readonly string[] | undefined
  readonly registration: 'open' | 'closed'
  readonly oidc: OidcSettings | null
  readonly language: 'en' | 'de'
  readonly forwardAuth: FrontProxy | null
  readonly metrics: { readonly host: string; readonly port: number } | null
  readonly isDev: boolean
}

/**
 * Checks a configuration and gives every setting a value.
 *
 * @throws {ConfigError} naming each setting that is missing, unknown, wrong or unsafe.
 */
export function resolveSettings(given: GatewayConfig): GatewaySettings {
  const config = parseConfig(given)
  const { listen, dev: isDev = false } = config
  const host = listen?.host ?? '127.0.0.1'
  const port = listen?.port ?? 8080
  const settings = {
    apps: appsOf(config).map(resolveApp).sort(byLongestPath),
    host,
    port,
    origins: originsOf(config, port),
    trustProxy: config.trustProxy ?? [],
    redis: config.redis ?? null,
    secret: config.secret,
    cookieSecret: config.cookieSecret,
    accounts: config.accounts,
    mail: config.mail,
    admin: config.admin,
    session: config.session,
    theme: config.theme,
    registration: config.registration ?? 'closed',
    oidc: config.oidc === undefined ? null : resolveOidc(config.oidc),
    language: config.language ?? 'en',
    forwardAuth: config.forwardAuth ?? null,
    metrics:
      config.metrics === undefined
        ? null
        : { port: config.metrics.port, host: config.metrics.host ?? '127.0.0.1' },
    isDev,
  } satisfies GatewaySettings
  refuseSharedPaths(settings.apps)
  checkSafety(settings)
  return settings
}

function appsOf(config: GatewayConfig): readonly AppConfig[] {
  const { apps, to } = config
  if (apps !== undefined && to !== undefined) {
    throw invalid('`to` and `apps` are both set. Move the app at `to` into `apps`.')
  }
  if (apps !== undefined) return apps
  if (to === undefined) {
    throw invalid('`to` is missing. Say where the app is, such as `http://localhost:8501`.')
  }
  return [{ ...config, to }]
}

const wholeApp: RuleConfig = { path: '/**', allow: 'signed-in' }

function resolveApp(app: AppConfig): AppSettings {
  const preset = presets[app.preset ?? 'generic']
  const base = app.path === undefined || app.path === '/' ? '' : app.path
  const { response = '120s', upload = '60s', handshake = '10s' } = app.timeouts ?? {}
  const closed = app.closed ?? preset.closed
  const isStripped = app.stripPath ?? false
  const health = app.health ?? preset.health
  const rules = app.rules ?? [wholeApp]
  return {
    name: app.name ?? (base === '' ? 'app' : base.slice(1).replaceAll('/', '-')),
    base,
    isStripped,
    upstreams: [app.to].flat().map(readUpstream),
    rules: closed.length === 0 ? rules : [{ path: closed, allow: 'nobody' }, ...rules],
    aliases: app.headers ?? preset.headers,
    hasWatcher: app.watcher ?? preset.hasWatcher,
    health: health === false ? false : `${isStripped ? '' : base}${health}`,
    resume: preset.resume,
    responseMs: timeout('response', response),
    uploadMs: timeout('upload', upload),
    handshakeMs: timeout('handshake', handshake),
  }
}

function resolveOidc(oidc: OidcConfig): OidcSettings {
  const { scopes = ['openid', 'email', 'profile'], roles = {}, registration = 'open' } = oidc
  if (!scopes.includes('openid')) throw invalid('`oidc.scopes` must hold `openid`.')
  if (oidc.roleClaim === undefined && Object.keys(roles).length > 0) {
    throw invalid('`oidc.roles` is set, and `oidc.roleClaim` says not where roles are.')
  }
  const name = oidc.name ?? new URL(oidc.issuer).host
  return { ...oidc, name, scopes, roles, registration, roleClaim: oidc.roleClaim ?? null }
}

function timeout(name: string, value: Duration): number {
  return parseDuration(value, `timeouts.${name}`, { min: 100, max: 86_400_000 })
}

function readUpstream(text: string): URL {
  const url = new URL(text)
  const isPlain = url.pathname === '/' && url.search === '' && url.hash === ''
  if (isPlain && url.username === '' && url.password === '') return url
  throw invalid(`\`to\` is ${text} and must be scheme, host and port alone: \`${url.origin}\`.`)
}

/** Without an origin, the gateway is found by the two names of this machine. */
function originsOf({ origin }: GatewayConfig, port: number): readonly [string, ...string[]] {
  if (origin !== undefined) return [requireOrigin(origin)]
  return [`http://localhost:${port}`, `http://127.0.0.1:${port}`]
}

function requireOrigin(text: string): string {
  const origin = URL.canParse(text) ? new URL(text).origin : 'null'
  if (origin === text && /^https?:/.test(text)) return text
  const hint = origin === 'null' ? 'Write scheme and host.' : `Write \`${origin}\`.`
  throw invalid(`\`origin\` is ${JSON.stringify(text)}, which is no origin. ${hint}`)
}

function byLongestPath(left: AppSettings, right: AppSettings): number {
  return right.base.length - left.base.length
}

function refuseSharedPaths(apps: readonly AppSettings[]): void {
  for (const key of ['base', 'name'] as const) {
    const values = apps.map(app => app[key])
    const shared = values.find((value, index) => values.indexOf(value) !== index)
    if (shared === undefined) continue
    const setting = key === 'base' ? 'path' : 'name'
    throw invalid(`\`apps\` holds two with the ${setting} \`${shared || '/'}\`. Give each its own.`)
  }
}

function invalid(message: string): ConfigError {
  return new ConfigError('ERR_OPTION_INVALID', message)
}
