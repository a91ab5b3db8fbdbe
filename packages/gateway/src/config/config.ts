import type { Duration } from 'cloakroom'
import type { PresetName } from './presets.ts'

/** What of a person an identity header may hold. */
export type IdentityField = 'user' | 'email' | 'name' | 'roles' | 'session' | 'jwt'

/** Who may use what a rule is about: anybody, whoever is signed in, nobody, or these roles and up. */
export type Allowance = 'public' | 'signed-in' | 'nobody' | readonly string[]

/** Proxies that can ask whether a request may pass. */
export type FrontProxy = 'nginx' | 'traefik' | 'caddy' | 'envoy'

/** Who may do what. The first rule that fits a request decides; where none fits, it is refused. */
export interface RuleConfig {
  /**
   * Paths below the path of the app: `*` stands for anything within a segment, `**` for anything,
   * and `/admin/**` for `/admin` as well. Upper and lower case are alike, but for `public`.
   */
  readonly path: string | readonly string[]
  /** HTTP methods, such as `GET`, which includes HEAD. @default all */
  readonly methods?: readonly string[] | undefined
  readonly allow: Allowance
}

/** How long something may take. */
export interface TimeoutsConfig {
  /** Until the app begins to answer a request that was sent in full. @default '120s' */
  readonly response?: Duration | undefined
  /** Without a byte of an upload. @default '60s' */
  readonly upload?: Duration | undefined
  /** Until the app agrees to a WebSocket. @default '10s' */
  readonly handshake?: Duration | undefined
}

/** An app behind the gateway. */
export interface AppConfig {
  /** Where the app is, such as `http://localhost:8501`; several for replicas of it. */
  readonly to: string | readonly string[]
  /** Who the identity token is for. @default the path, or 'app' */
  readonly name?: string | undefined
  /** Where browsers find it. @default '/' */
  readonly path?: string | undefined
  /** Takes `path` off what the app is asked for. @default false */
  readonly stripPath?: boolean | undefined
  /** What is known of apps of this kind. @default 'generic' */
  readonly preset?: PresetName | undefined
  /** @default whoever is signed in may use all of it */
  readonly rules?: readonly RuleConfig[] | undefined
  /** Paths that nobody reaches from outside, whatever the rules say. @default by the preset */
  readonly closed?: readonly string[] | undefined
  /** Further identity headers, such as `{ 'X-WEBAUTH-USER': 'email' }`. @default by the preset */
  readonly headers?: Readonly<Record<string, IdentityField>> | undefined
  /** Adds a script to pages that leads open tabs to sign-in. @default by the preset */
  readonly watcher?: boolean | undefined
  /** What a replica is asked for to see whether it is well; false for never. @default by the preset */
  readonly health?: string | false | undefined
  readonly timeouts?: TimeoutsConfig | undefined
}

/** A provider of OpenID Connect. */
export interface OidcConfig {
  /** Its address, as its tokens name it: `https://accounts.google.com`. */
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** As people know it, for the button on the sign-in page. @default the host of the issuer */
  readonly name?: string | undefined
  /** @default ['openid', 'email', 'profile'] */
  readonly scopes?: readonly string[] | undefined
  /** The claim that holds roles or groups, such as `groups`. @default none */
  readonly roleClaim?: string | undefined
  /** What of that claim gives which role, such as `{ 'app-admins': 'admin' }`. */
  readonly roles?: Readonly<Record<string, string>> | undefined
  /** Whether those whom the provider knows get an account by signing in. @default 'open' */
  readonly registration?: 'open' | 'closed' | undefined
}

/** What the gateway is told. For a single app, its settings stand beside the others. */
export interface GatewayConfig extends Partial<Omit<AppConfig, 'to'>> {
  /** Where the app is; several addresses for replicas of it. */
  readonly to?: AppConfig['to'] | undefined
  /** Several apps, each below a path of its own. */
  readonly apps?: readonly AppConfig[] | undefined
  /** Where it listens. @default { host: '127.0.0.1', port: 8080 } */
  readonly listen?:
    | { readonly host?: string | undefined; readonly port?: number | undefined }
    | undefined
  /** Where browsers find it: `https://app.example.org`. */
  readonly origin?: string | undefined
  /** Addresses and ranges of proxies in front, whose X-Forwarded headers are believed. @default none */
  readonly trustProxy?: readonly string[] | undefined
  /** @default REDIS_URL */
  readonly redis?: string | undefined
  /** Seals sessions; several, newest first. @default SESSION_SECRET_KEY */
  readonly secret?: string | readonly string[] | undefined
  /** Signs cookies; several, newest first. @default COOKIE_SECRET_KEY */
  readonly cookieSecret?: string | readonly string[] | undefined
  /** Where accounts are kept: a PostgreSQL server, or a folder. @default memory while developing */
  readonly accounts?: { readonly url: string } | { readonly folder: string } | undefined
  readonly mail?: { readonly url: string; readonly from: string } | undefined
  /** Whether strangers may register. @default 'closed' */
  readonly registration?: 'open' | 'closed' | undefined
  /** Who is made administrator while there is none. */
  readonly admin?: { readonly email: string; readonly password?: string | undefined } | undefined
  /** Sign-in by a provider of OpenID Connect, beside that by password. */
  readonly oidc?: OidcConfig | undefined
  readonly session?:
    | {
        readonly idle?: Duration | undefined
        readonly absolute?: Duration | undefined
        readonly perUser?: number | undefined
      }
    | undefined
  /** How the pages look and what they are called. */
  readonly theme?:
    | {
        readonly name?: string | undefined
        readonly logo?: string | undefined
        readonly accent?: string | undefined
      }
    | undefined
  /** Language of the pages. @default 'en' */
  readonly language?: 'en' | 'de' | undefined
  /** A proxy in front that asks before it passes requests on itself. @default none */
  readonly forwardAuth?: FrontProxy | undefined
  /** Where figures for Prometheus are served, on a port of their own. @default nowhere */
  readonly metrics?: { readonly host?: string | undefined; readonly port: number } | undefined
  /** For work on one machine: keeps all in memory, and answers this machine alone. @default false */
  readonly dev?: boolean | undefined
}

/** Gives a configuration back, with its types checked in the editor. */
export function defineConfig(config: GatewayConfig): GatewayConfig {
  return config
}
