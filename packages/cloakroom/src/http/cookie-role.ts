/** What a cookie is for. It decides the name, who may read it, and what its signature covers. */
export interface CookieRole {
  readonly purpose: string
  readonly baseName: string
  readonly isHttpOnly: boolean
}

/** The cookie that holds a session's token. */
export const sessionCookie: CookieRole = {
  purpose: 'session',
  baseName: 'cloakroom',
  isHttpOnly: true,
}

/** The cookie from which a page's scripts take the CSRF token. The server never trusts it. */
export const csrfCookie: CookieRole = {
  purpose: 'csrf',
  baseName: 'cloakroom-csrf',
  isHttpOnly: false,
}

/** The cookie that holds the CSRF secret of somebody without a session. */
export const visitorCookie: CookieRole = {
  purpose: 'visitor',
  baseName: 'cloakroom-visitor',
  isHttpOnly: true,
}

/** The cookie that tells the browser where somebody signed in before from those of strangers. */
export const deviceCookie: CookieRole = {
  purpose: 'device',
  baseName: 'cloakroom-device',
  isHttpOnly: true,
}
