import { systemClock } from '../../core/clock.ts'
import { ConfigError } from '../../core/errors.ts'
import { describeValue } from '../../core/options.ts'
import { serializeConnectCookie } from './cookie-line.ts'
import { deprecate } from './warning.ts'

/** How the session's cookie is written. */
export interface CookieOptions {
  /** Lifetime in milliseconds; null for the life of the browser. @default null */
  maxAge?: number | null | undefined
  /** Instant the cookie ends. Of `maxAge` and `expires` the one written last counts. */
  expires?: Date | null | undefined
  /** @default '/' */
  path?: string | undefined
  domain?: string | undefined
  /** @default true */
  httpOnly?: boolean | undefined
  /** `'auto'` for what the connection of the first request is. @default false */
  secure?: boolean | 'auto' | undefined
  /** True means `'strict'`; `'auto'` means none over TLS and lax otherwise. @default false */
  sameSite?: boolean | 'lax' | 'strict' | 'none' | 'auto' | undefined
  partitioned?: boolean | undefined
  priority?: 'low' | 'medium' | 'high' | undefined
  /** Taken as it is; the signature of the session id does not depend on it. */
  signed?: boolean | undefined
  /** How the value is made fit for the header. @default encodeURIComponent */
  encode?: ((value: string) => string) | undefined
}

/** What of a cookie is written, and stored with the session. */
export interface CookieData {
  readonly originalMaxAge: number | null
  readonly partitioned: boolean | undefined
  readonly priority: CookieOptions['priority']
  readonly expires: Date | null | undefined
  readonly secure: CookieOptions['secure']
  readonly httpOnly: boolean | undefined
  readonly domain: string | undefined
  readonly path: string | undefined
  readonly sameSite: CookieOptions['sameSite']
}

/** What a cookie of express-session, taken for options, lists beside its settings. */
const noSettings = new Set(['data', 'serialize', 'toJSON'])

/** The cookie of one session: its attributes, and when it ends. */
export class Cookie {
  path: string = '/'
  httpOnly: boolean = true
  /** Lifetime that was set last, in milliseconds; each request starts it anew. */
  declare originalMaxAge: number | null
  declare domain?: string | undefined
  declare secure?: CookieOptions['secure']
  declare sameSite?: Exclude<CookieOptions['sameSite'], 'auto'>
  declare partitioned?: boolean | undefined
  declare priority?: CookieOptions['priority']
  declare signed?: boolean | undefined
  declare encode?: CookieOptions['encode']
  /** Use {@link Cookie.expires}. It has this name because programs read it. */
  _expires: Date | null | undefined

  /** @throws {ConfigError} when the options are no object. */
  constructor(options?: CookieOptions) {
    this.maxAge = null
    if (options) {
      if (typeof options !== 'object') {
        throw new ConfigError(
          'ERR_OPTION_INVALID',
          `argument options must be an object, and is ${describeValue(options)}. Pass the settings of the cookie.`,
        )
      }
      for (const name in options) {
        if (!noSettings.has(name)) Reflect.set(this, name, Reflect.get(options, name))
      }
    }
    this.originalMaxAge ??= this.maxAge as number | null
  }

  get expires(): Date | null | undefined {
    return this._expires
  }

  /** False stands for null. */
  set expires(date: Date | null | undefined | false) {
    this._expires = date === false ? null : date
    this.originalMaxAge = this.maxAge as number | null
  }

  /**
   * Milliseconds left. For the life of the browser it is null, which its type keeps to itself: the
   * declarations of express-session, for which programs are written, do so too.
   */
  get maxAge(): number | undefined {
    const { _expires: expires } = this
    return expires instanceof Date
      ? expires.getTime() - systemClock.now()
      : (expires as number | undefined)
  }

  /** Counts from now. @throws {ConfigError} when it is neither a number nor a date. */
  set maxAge(ms: number | Date | null | undefined) {
    if (ms && typeof ms !== 'number' && !(ms instanceof Date)) {
      throw new ConfigError(
        'ERR_OPTION_INVALID',
        `maxAge must be a number or a Date, and is ${describeValue(ms)}. Count in milliseconds.`,
      )
    }
    if (ms instanceof Date) {
      deprecate('MAX_AGE_DATE', '`cookie.maxAge` is a Date. Pass a number of milliseconds.')
    }
    if (typeof ms !== 'number') {
      this.expires = ms
      return
    }
    // Told apart from `expires`, or the lifetime would shrink by the time this takes.
    this._expires = new Date(systemClock.now() + ms)
    this.originalMaxAge = ms
  }

  /** The attributes. */
  get data(): CookieData {
    const { originalMaxAge, partitioned, priority, expires, secure } = this
    const { httpOnly, domain, path, sameSite } = this
    return {
      originalMaxAge,
      partitioned,
      priority,
      expires,
      secure,
      httpOnly,
      domain,
      path,
      sameSite,
    }
  }

  /** Writes a Set-Cookie line with these attributes. */
  serialize(name: string, value: string): string {
    return serializeConnectCookie({ ...this.data, name, value, encode: this.encode })
  }

  toJSON(): CookieData {
    return this.data
  }
}
