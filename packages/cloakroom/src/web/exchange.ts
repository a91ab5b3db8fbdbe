/** One request and its response, as far as Cloakroom deals with them: what a framework must offer. */
export interface Exchange {
  readonly method: string
  /** Path of the URL, without the query. */
  path(): string
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

/**
 * The head of a response before it leaves.
 *
 * Made of methods only: an object with getters, made for each request, keeps the request in memory
 * until the next full collection, since V8 makes a hidden class of each.
 */
export interface ResponseHead {
  /** True once the headers have left and nothing can be added. */
  isSent(): boolean
  status(): number
  get(name: string): string | undefined
  set(name: string, value: string): void
  remove(name: string): void
  /** Set-Cookie lines so far, one each. */
  cookies(): readonly string[]
  setCookies(lines: readonly string[]): void
}
