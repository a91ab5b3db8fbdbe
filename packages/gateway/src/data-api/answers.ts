const sentences = {
  'not-found': 'There is nothing at this address.',
  'method-not-allowed': 'This method is not allowed here.',
  'handle-invalid': 'Send the value of X-Cloakroom-Session as `Authorization: Bearer`.',
  'session-ended': 'The session has ended. The user has to sign in again.',
  'no-user': 'Nobody is signed in in this session, so there are no values of a user.',
  'name-too-long': 'A name may have 200 characters.',
  'condition-invalid': 'Send either If-Match with one ETag, or If-None-Match: *.',
  'json-invalid': 'The body is no JSON.',
  'too-large': 'The body is larger than 256 KiB.',
  'locker-full': 'All values together may take 256 KiB. Remove some first.',
  'value-absent': 'There is no value of this name.',
  busy: 'Too many others write at the same time. Try again.',
  unavailable: 'Sessions cannot be reached at the moment. Try again later.',
} as const

/** An answer with a JSON value, which nobody may keep. */
export function json(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return new Response(JSON.stringify(value), {
    status,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
  })
}

/** What went wrong, as RFC 9457 has it, with a `code` for programs. */
export function problem(status: number, code: keyof typeof sentences): Response {
  const value = { status, title: sentences[code], code }
  return json(status, value, { 'content-type': 'application/problem+json' })
}

/** An answer without a body. */
export function empty(status: number): Response {
  return new Response(null, { status, headers: { 'cache-control': 'no-store' } })
}
