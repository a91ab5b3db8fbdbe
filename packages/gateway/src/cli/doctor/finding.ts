/** What a check found out. */
export interface Finding {
  /** What was looked at, as a short stable name. */
  readonly check: string
  /** `failure`: it will not work, or is not safe. `warning`: it works, and should be changed. */
  readonly state: 'ok' | 'warning' | 'failure'
  readonly message: string
}

/** Makes a finding. */
export function ok(check: string, message: string): Finding {
  return { check, state: 'ok', message }
}

/** Makes a finding that should be changed. */
export function warning(check: string, message: string): Finding {
  return { check, state: 'warning', message }
}

/** Makes a finding that must be changed. */
export function failure(check: string, message: string): Finding {
  return { check, state: 'failure', message }
}
