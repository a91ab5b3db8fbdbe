import type { Duration } from '../core/duration.ts'
import { refuseUnknown, requireOneOf } from '../core/options.ts'
import { type CspDirectives, htmlPolicy, jsonPolicy } from './content-security-policy.ts'
import { denyingPermissions, type PermissionsPolicy } from './permissions-policy.ts'

/** Values of Referrer-Policy that leave the CSRF check its evidence. */
export type ReferrerPolicy = 'same-origin' | 'strict-origin' | 'strict-origin-when-cross-origin'

/** Values of Cross-Origin-Opener-Policy. */
export type OpenerPolicy =
  | 'same-origin'
  | 'same-origin-allow-popups'
  | 'noopener-allow-popups'
  | 'unsafe-none'

/** Values of Cross-Origin-Resource-Policy. */
export type ResourcePolicy = 'same-origin' | 'same-site' | 'cross-origin'

/** Values of Cross-Origin-Embedder-Policy. */
export type EmbedderPolicy = 'require-corp' | 'credentialless'

/** Settings of the security headers. What is left out is as in the preset; `false` takes it out. */
export interface SecurityHeadersOptions {
  /** For pages, for answers that are no pages, or none at all. @default 'html' */
  readonly preset?: 'html' | 'json' | 'off' | undefined
  /** Directives instead of those of the preset. */
  readonly contentSecurityPolicy?: CspDirectives | false | undefined
  /** Has browsers report what the policy would block, and block nothing. @default false */
  readonly reportOnly?: boolean | undefined
  /** Sent over https and never for a loopback host. @default a year, subdomains included */
  readonly strictTransportSecurity?: StrictTransportSecurity | false | undefined
  /**
   * `no-referrer` is not to be had: under it browsers send `Origin: null` even with the forms of the
   * site itself, and the CSRF check loses what it goes by.
   *
   * @default 'strict-origin-when-cross-origin'
   */
  readonly referrerPolicy?: ReferrerPolicy | false | undefined
  /** Sign-in in a pop-up window wants `'same-origin-allow-popups'`. @default 'same-origin' */
  readonly crossOriginOpenerPolicy?: OpenerPolicy | false | undefined
  /** @default 'same-origin' */
  readonly crossOriginResourcePolicy?: ResourcePolicy | false | undefined
  /** Off, since it breaks most embedded content. @default false */
  readonly crossOriginEmbedderPolicy?: EmbedderPolicy | false | undefined
  /** @default true */
  readonly originAgentCluster?: boolean | undefined
  /** For browsers that know no `frame-ancestors`. @default 'DENY' */
  readonly frameOptions?: 'DENY' | 'SAMEORIGIN' | false | undefined
  /** Has browsers believe Content-Type. @default true */
  readonly contentTypeOptions?: boolean | undefined
  /** Turns off the filter of old browsers, which could be used against the page. @default true */
  readonly xssProtection?: boolean | undefined
  /** @default denies camera, microphone, location and the like */
  readonly permissionsPolicy?: PermissionsPolicy | false | undefined
}

/** Settings of Strict-Transport-Security. */
export interface StrictTransportSecurity {
  /** @default '365d' */
  readonly maxAge?: Duration | undefined
  /** @default true */
  readonly includeSubDomains?: boolean | undefined
  /** Asks for a place on the list in browsers, which is hard to get off again. @default false */
  readonly preload?: boolean | undefined
}

/** {@link SecurityHeadersOptions} with every setting decided. */
export type HeaderSettings = {
  readonly [Name in Exclude<keyof SecurityHeadersOptions, 'preset'>]-?: Exclude<
    SecurityHeadersOptions[Name],
    undefined
  >
}

const json: HeaderSettings = {
  contentSecurityPolicy: jsonPolicy,
  reportOnly: false,
  strictTransportSecurity: {},
  referrerPolicy: 'strict-origin-when-cross-origin',
  crossOriginOpenerPolicy: false,
  crossOriginResourcePolicy: 'same-origin',
  crossOriginEmbedderPolicy: false,
  originAgentCluster: false,
  frameOptions: 'DENY',
  contentTypeOptions: true,
  xssProtection: false,
  permissionsPolicy: false,
}

const presets: Readonly<Record<'html' | 'json' | 'off', HeaderSettings>> = {
  json,
  html: {
    ...json,
    contentSecurityPolicy: htmlPolicy,
    crossOriginOpenerPolicy: 'same-origin',
    originAgentCluster: true,
    xssProtection: true,
    permissionsPolicy: denyingPermissions,
  },
  off: {
    ...json,
    contentSecurityPolicy: false,
    strictTransportSecurity: false,
    referrerPolicy: false,
    crossOriginResourcePolicy: false,
    frameOptions: false,
    contentTypeOptions: false,
  },
}

/** Decides every setting. @throws {ConfigError} naming one that is not known. */
export function resolveHeaders(options: SecurityHeadersOptions): HeaderSettings {
  refuseUnknown('headers', options, ['preset', ...Object.keys(json)])
  const { preset = 'html', ...given } = options
  const chosen = Object.entries(given).filter(([, value]) => value !== undefined)
  const base = presets[requireOneOf('headers.preset', preset, ['html', 'json', 'off'])]
  return { ...base, ...Object.fromEntries(chosen) }
}
