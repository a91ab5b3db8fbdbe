import type { Call } from './call.ts'
import type { CurrentSession } from './own-calls.ts'

/** What is asked about second factors, by method and path. */
export interface FactorCalls {
  'POST /sign-in/second-factor': Call<
    TypedCode,
    CurrentSession,
    'wrong' | 'gone' | 'too-many-sessions'
  >
  'GET /second-factor': Call<null, SecondFactor>
  'POST /second-factor/enrolment': Call<{ readonly code?: string | undefined }, Enrolment, 'wrong'>
  'POST /second-factor/enrolment/confirm': Call<TypedCode, Enrolled, 'wrong' | 'gone'>
  'POST /second-factor/recovery-codes': Call<TypedCode, RecoveryCodes, 'wrong' | 'gone'>
  'POST /second-factor/remove': Call<TypedCode, null, 'wrong' | 'gone' | 'required'>
  'GET /admin/accounts/{accountId}/second-factor': Call<
    { readonly accountId: string },
    SecondFactor,
    'gone'
  >
  'DELETE /admin/accounts/{accountId}/second-factor': Call<
    { readonly accountId: string },
    null,
    'gone'
  >
}

/** Six digits of an authenticator app, or a recovery code. */
export interface TypedCode {
  readonly code: string
}

/** The second factor of an account. */
export interface SecondFactor {
  /** When it was set up; null when there is none. */
  readonly since: string | null
  readonly recoveryCodesLeft: number
  /** Whether the role demands one. */
  readonly isRequired: boolean
}

/** What an authenticator app has to be told. */
export interface Enrolment {
  /** In base32, to be typed. */
  readonly secret: string
  /** The same as an address that begins with `otpauth:`. */
  readonly address: string
  /** The address as a QR code. */
  readonly picture: Picture
}

/** A square picture, as an SVG draws it: `<svg viewBox="0 0 {size} {size}"><path d="{path}"/></svg>`. */
export interface Picture {
  readonly size: number
  readonly path: string
}

/** Codes that are shown this once. */
export interface RecoveryCodes {
  readonly recoveryCodes: readonly string[]
}

/** A second factor is set up, and whoever could not sign in without is signed in. */
export interface Enrolled extends CurrentSession, RecoveryCodes {}
