/** Codes of {@link ConfigError}: the code or the settings must be changed. */
export type ConfigErrorCode =
  | 'ERR_OPTION_INVALID'
  | 'ERR_OPTION_UNKNOWN'
  | 'ERR_SECRET_WEAK'
  | 'ERR_COOKIE_UNSAFE'
  | 'ERR_CLIENT_UNSUPPORTED'
  | 'ERR_VALUE_UNSTORABLE'
  | 'ERR_HEADERS_SENT'
  | 'ERR_NO_SESSION_CONTEXT'

/** Something the developer or operator has to fix. The message names the setting in backticks. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code: ConfigErrorCode

  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/**
 * A sealed value that cannot be opened. Discard the value.
 *
 * The message is the same for every cause, so that nobody learns from it how far a forgery came.
 */
export class SealError extends Error {
  override readonly name = 'SealError'
  readonly code = 'ERR_SEAL_INVALID'

  constructor() {
    super('The sealed value cannot be opened. Discard it.')
  }
}

/** Codes of {@link StoreError}. */
export type StoreErrorCode = 'ERR_STORE_UNAVAILABLE' | 'ERR_STORE_TIMEOUT' | 'ERR_STORE_REPLY'

/** The store did not answer, or not as it should. Retry later or fail closed. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  /** For frameworks, which make an answer of it. */
  readonly status = 503
  readonly statusCode = 503

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** Codes of {@link ConflictError}. */
export type ConflictErrorCode = 'ERR_SESSION_GONE' | 'ERR_SESSION_CONFLICT' | 'ERR_SESSION_LIMIT'

/** Another request was faster. Load again and redo, or give up. */
export class ConflictError extends Error {
  override readonly name = 'ConflictError'
  readonly code: ConflictErrorCode
  /** For frameworks, which make an answer of it: 401 when the session is gone, else 409. */
  readonly status: number
  readonly statusCode: number

  constructor(code: ConflictErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
    this.status = code === 'ERR_SESSION_GONE' ? 401 : 409
    this.statusCode = this.status
  }
}

/** Codes of {@link HttpError}. */
export type HttpErrorCode =
  | 'ERR_UNAUTHENTICATED'
  | 'ERR_FORBIDDEN'
  | 'ERR_CSRF'
  | 'ERR_CONFLICT'
  | 'ERR_RATE_LIMITED'
  | 'ERR_UNAVAILABLE'

/** What an {@link HttpError} may carry. */
export interface HttpErrorOptions extends ErrorOptions {
  readonly headers?: Readonly<Record<string, string>>
  readonly problem?: Readonly<Record<string, unknown>>
}

/** An answer to be given to the client. Frameworks read `status`, and `expose` allows the message. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly code: HttpErrorCode
  readonly status: number
  readonly statusCode: number
  readonly expose = true
  readonly headers: Readonly<Record<string, string>>
  /** Further members of a body as of RFC 9457. */
  readonly problem: Readonly<Record<string, unknown>>

  constructor(code: HttpErrorCode, status: number, message: string, options?: HttpErrorOptions) {
    super(message, options)
    this.code = code
    this.status = status
    this.statusCode = status
    this.headers = options?.headers ?? {}
    this.problem = options?.problem ?? {}
  }

  /** A plain answer, for whoever asks errors for one, as Hono does by itself. */
  getResponse(): Response {
    return new Response(this.message, { status: this.status, headers: this.headers })
  }
}

/** Every error Cloakroom throws; `switch (error.code)` narrows it. */
export type CloakroomError = ConfigError | SealError | StoreError | ConflictError | HttpError
