/** One request and its response, as far as Cloakroom deals with them: what a framework must offer. */
export interface Exchange {
  readonly method: string
  /** Path of the URL, without the query. */
  readonly path: string
  /** Value of a request header, by its lower-case name; lists are joined by commas. */
  header(name: string): string | undefined
  /** Address at the other end of the connection. */
  readonly socketAddress: string | undefined
  /** Whether that connection is TLS. */
  readonly isEncrypted: boolean
  /** The parsed body, which may hold a token; undefined where there is none. Asked only then. */
  body(): unknown
  /** Whether the framework itself refuses other origins, so that no token need be asked for. */
  readonly isOriginChecked?: boolean
  readonly response: ResponseHead
}

/** The head of a response before it leaves. */
export interface ResponseHead {
  /** True once the headers have left and nothing can be added. */
  readonly isSent: boolean
  readonly status: number
  get(name: string): string | undefined
  set(name: string, value: string): void
  remove(name: string): void
  /** Set-Cookie lines so far, one each. */
  readonly cookies: readonly string[]
  setCookies(lines: readonly string[]): void
}
