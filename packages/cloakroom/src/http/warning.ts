/** What a {@link HttpWarning} is about. */
export type HttpWarningCode =
  | 'cookie-prefix'
  | 'cookie-development'
  | 'cookie-connection'
  | 'address-unknown'
  | 'address-invalid'

/** A setting that does not fit the requests that arrive, for whoever runs the server. */
export interface HttpWarning {
  readonly code: HttpWarningCode
  /** `error` when nobody can sign in until the setting is changed. */
  readonly level: 'warning' | 'error'
  /** What happened, then which setting to change. Nothing of a request is in it. */
  readonly message: string
}

/** Where warnings go. */
export type WarningSink = (warning: HttpWarning) => void

/** Lets each message through once, so that a wrong setting does not fill the log. */
export function warnOnce(sink: WarningSink): WarningSink {
  const seen = new Set<string>()
  return warning => {
    if (seen.has(warning.message)) return
    seen.add(warning.message)
    sink(warning)
  }
}
