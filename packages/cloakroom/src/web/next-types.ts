import type { FetchOptions } from './fetch.ts'
import type { OpenOptions } from './handle.ts'

/** What `next/headers` exports, handed over so that nothing of Next is imported here. */
export interface NextFunctions {
  cookies(): Promise<NextCookies>
  headers(): Promise<Pick<Headers, 'get'>>
}

/** Where Next takes the cookies of an answer. */
export interface NextCookies {
  set(name: string, value: string, options: NextCookieOptions): unknown
}

/** Attributes of a cookie as Next names them. */
export interface NextCookieOptions {
  readonly domain?: string
  readonly path?: string
  readonly expires?: Date
  readonly maxAge?: number
  readonly secure?: boolean
  readonly httpOnly?: boolean
  readonly sameSite?: 'lax' | 'strict' | 'none'
  readonly partitioned?: boolean
}

/** The wrappers for each place where Next runs code of an application. */
export interface NextAdapter {
  /** For the exports `GET`, `POST` and so on of a `route.ts`. */
  route<Given extends Request, Context>(
    handler: (request: Given, context: Context) => Response | Promise<Response>,
    options?: FetchOptions,
  ): (request: Given, context: Context) => Promise<Response>
  /**
   * For server actions. Next itself refuses calls from other origins, so a token is only asked for
   * where the headers prove no origin; a form may carry it in its `_csrf` field.
   */
  action<Args extends readonly unknown[], Result>(
    run: (...args: Args) => Result | Promise<Result>,
    options?: OpenOptions,
  ): (...args: Args) => Promise<Result>
  /**
   * For server components: pages, layouts and what they are made of. The session is to be read only,
   * since Next has sent the headers by then; whatever would change it throws.
   */
  page<Props, Result>(
    render: (props: Props) => Result | Promise<Result>,
  ): (props: Props) => Promise<Result>
  /** For `proxy.ts`, or `middleware.ts` on the Node runtime. Forged requests are let through. */
  proxy<Given extends Request, Rest extends readonly unknown[]>(
    handler: (request: Given, ...rest: Rest) => Response | Promise<Response>,
    options?: FetchOptions,
  ): (request: Given, ...rest: Rest) => Promise<Response>
}
