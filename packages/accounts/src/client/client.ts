import type { AccountsCalls } from '../wire/calls.ts'
import type { CurrentSession } from '../wire/own-calls.ts'
import type { CommonReason, Problem } from '../wire/problem.ts'
import { watchPage } from './page.ts'

/** Settings of {@link createAccountsClient}. */
export interface AccountsClientOptions {
  /** Where the API is. @default '/api/auth' */
  readonly root?: string | undefined
  /** The header for tokens against forgery. @default 'x-csrf-token' */
  readonly csrfHeader?: string | undefined
  /** @default the browser's own */
  readonly fetch?: typeof fetch | undefined
}

/** What came of a call. */
export type CallResult<Key extends keyof AccountsCalls> =
  | { readonly ok: true; readonly value: AccountsCalls[Key]['answer'] }
  | CallRefusal<AccountsCalls[Key]['reason']>

/** Why a call did nothing. */
export interface CallRefusal<Reason extends string = never> {
  readonly ok: false
  /** `offline`: there was no answer, or none that the API gives. */
  readonly reason: Reason | CommonReason | 'offline'
  /** What the API said about it; null where it said nothing. */
  readonly problem: Problem | null
}

type Arguments<Key extends keyof AccountsCalls> = AccountsCalls[Key]['input'] extends null
  ? [key: Key]
  : [key: Key, input: AccountsCalls[Key]['input']]

/** Talks to the API of accounts, and knows who is signed in. */
export interface AccountsClient {
  /** Who is signed in, as was heard last; null before the first answer. */
  session(): CurrentSession | null
  /** Asks something of the API, by method and path. Never rejects. */
  send<Key extends keyof AccountsCalls>(...asked: Arguments<Key>): Promise<CallResult<Key>>
  /** Asks who is signed in. Keeps nobody signed in. */
  refresh(): Promise<CallResult<'GET /session'>>
  /** Calls back whenever another session was heard of; gives what stops that. */
  subscribe(listener: () => void): () => void
  /**
   * Asks again when the page is looked at, when the session should have ended, and when another tab
   * signs in or out. Gives what stops that.
   */
  watch(): () => void
}

/**
 * Makes an {@link AccountsClient} for a page of the same origin.
 *
 * @example
 * const client = createAccountsClient()
 * const result = await client.send('POST /sign-in', { login, password })
 * if (!result.ok) showProblem(result.reason)
 */
export function createAccountsClient(options: AccountsClientOptions = {}): AccountsClient {
  const { root = '/api/auth', csrfHeader = 'x-csrf-token', fetch: ask = fetch } = options
  const listeners = new Set<() => void>()
  let session: CurrentSession | null = null
  let token: string | null = null
  // Raised by whatever may change the session: an answer to an older question tells nothing then.
  let version = 0
  let refreshing: Promise<CallResult<'GET /session'>> | null = null
  let tellOthers: () => void = () => undefined

  function accept(heard: CurrentSession): void {
    session = heard
    token = heard.csrfToken
    for (const listener of [...listeners]) listener()
  }

  async function exchange(method: string, path: string, input: Input): Promise<Response> {
    const { address, rest } = place(path, input)
    const isChange = method !== 'GET'
    const query = isChange ? '' : `?${new URLSearchParams(rest as Record<string, string>)}`
    const hasBody = isChange && Object.keys(rest).length > 0
    return ask(`${root}${address}${query === '?' ? '' : query}`, {
      method,
      credentials: 'same-origin',
      headers: {
        accept: 'application/json, application/problem+json, */*',
        ...(hasBody && { 'content-type': 'application/json' }),
        ...(isChange && token && { [csrfHeader]: token }),
      },
      ...(hasBody && { body: JSON.stringify(rest) }),
    })
  }

  async function call(key: string, input: Input): Promise<AnyResult> {
    const [method = 'GET', path = ''] = key.split(' ')
    const isChange = method !== 'GET'
    if (isChange && token === null) await refresh()
    if (isChange) version += 1
    let response = await exchange(method, path, input)
    const fresh = response.headers.get(csrfHeader)
    // The token was too old, and the refusal brings another one.
    if (response.status === 403 && isChange && fresh !== null) {
      token = fresh
      response = await exchange(method, path, input)
    }
    const result = await readResult(response)
    if (!result.ok && result.reason === 'unauthenticated' && session?.user) {
      version += 1
      await refresh()
      const { ended } = result.problem ?? {}
      if (session !== null && ended !== undefined) accept({ ...session, ended })
    }
    // The first step of a sign-in ended whatever session there was.
    if (!result.ok && firstSteps.has(result.reason)) {
      version += 1
      await refresh()
    }
    if (isChange && result.ok && isSession(result.value)) {
      version += 1
      accept(result.value)
      tellOthers()
    }
    return result
  }

  const send = (key: string, input: Input = {}): Promise<AnyResult> =>
    call(key, input).catch((): AnyResult => offline)

  async function askForSession(): Promise<CallResult<'GET /session'>> {
    const asked = version
    const result = (await send('GET /session')) as CallResult<'GET /session'>
    if (version !== asked) return askForSession()
    if (result.ok) accept(result.value)
    return result
  }

  function refresh(): Promise<CallResult<'GET /session'>> {
    refreshing ??= askForSession().finally(() => {
      refreshing = null
    })
    return refreshing
  }

  function subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  }

  return {
    session: () => session,
    send: send as AccountsClient['send'],
    refresh,
    subscribe,
    watch() {
      const page = watchPage({
        look: () => void refresh(),
        hear() {
          version += 1
          void refresh()
        },
      })
      tellOthers = page.tellOthers
      const stopTimer = subscribe(() => page.expectEnd(session?.endsInSeconds ?? null))
      return () => {
        stopTimer()
        page.stop()
        tellOthers = () => undefined
      }
    },
  }
}

type Input = Readonly<Record<string, unknown>>
type AnyResult = { readonly ok: true; readonly value: unknown } | CallRefusal<string>

const firstSteps: ReadonlySet<string> = new Set(['second-factor', 'enrol-second-factor'])

const offline: CallRefusal = { ok: false, reason: 'offline', problem: null }

/** Puts what the path names into it; the rest is for the query or the body. */
function place(path: string, input: Input): { address: string; rest: Input } {
  const rest = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined))
  const address = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = String(rest[name])
    delete rest[name]
    return encodeURIComponent(value)
  })
  return { address, rest }
}

async function readResult(response: Response): Promise<AnyResult> {
  const type = response.headers.get('content-type') ?? ''
  if (response.ok) {
    if (type.startsWith('application/json')) return { ok: true, value: await response.json() }
    const text = await response.text()
    return { ok: true, value: text === '' ? null : { type, text } }
  }
  if (!type.startsWith('application/problem+json')) return offline
  const problem = (await response.json()) as Problem
  return { ok: false, reason: problem.reason, problem }
}

function isSession(value: unknown): value is CurrentSession {
  return typeof value === 'object' && value !== null && 'csrfToken' in value
}
