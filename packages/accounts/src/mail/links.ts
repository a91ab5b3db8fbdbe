import { ConfigError } from 'cloakroom'
import type { TokenPurpose } from '../account/token-store.ts'

/** Options of {@link createLinks}. */
export interface LinkOptions {
  /** Where the application is, as browsers see it: `https://shop.example.org`. Never from a request. */
  readonly publicUrl: string
  /** Where the pages are below it, if not where they are by default. */
  readonly paths?: Partial<Readonly<Record<TokenPurpose, string>>> | undefined
}

/** The link that a mail carries for a purpose. */
export type Links = (purpose: TokenPurpose, token: string) => string

/** Where the pages are that links in mails lead to. */
export const defaultLinkPaths: Readonly<Record<TokenPurpose, string>> = {
  registration: '/verify',
  reset: '/reset',
  email: '/account/email',
  invitation: '/invitation',
}

/** Makes {@link Links}. @throws {ConfigError} for a URL that is not https and not on this machine. */
export function createLinks({ publicUrl, paths }: LinkOptions): Links {
  const base = URL.canParse(publicUrl) ? new URL(publicUrl) : null
  const isLocal = base !== null && /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(base.hostname)
  if (base === null || !(base.protocol === 'https:' || (base.protocol === 'http:' && isLocal))) {
    const message = '`publicUrl` must be the https address at which browsers find the application.'
    throw new ConfigError('ERR_OPTION_INVALID', message)
  }
  const all = { ...defaultLinkPaths, ...paths }
  const prefix = `${base.origin}${base.pathname.replace(/\/$/, '')}`
  return (purpose, token) => `${prefix}${all[purpose]}?token=${token}`
}
