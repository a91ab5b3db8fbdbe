import type { Session } from 'cloakroom'

/** Sessions of the suite hold whatever its routes put in. */
export type Data = Record<string, unknown>

/** What a route works with, in the words of the suite; each framework puts it into its own. */
export interface Kit {
  readonly query: URLSearchParams
  /** Parsed JSON or form; empty without a body. */
  readonly body: Readonly<Record<string, unknown>>
  header(name: string): string | undefined
  /** The session where the framework's users find it. */
  readonly session: Session<Data>
  setHeader(name: string, value: string): void
  /** Adds a Set-Cookie line in the usual way. */
  addCookie(line: string): void
  text(body: string, status?: number): unknown
  json(value: unknown): unknown
  redirect(path: string): unknown
  empty(status: number): unknown
  /** Sends pieces as they come; the headers leave with the first. */
  stream(pieces: AsyncIterable<string>, type: string): unknown
  /** Answers as close to the wire as the framework lets one, with these headers alone. */
  raw(body: string, headers: [string, string][]): unknown
}

/** A call of a guard: its name and what it is given. */
export type GuardCall = readonly [name: GuardName, ...args: never[]]

/** The guards that every adapter has. */
export type GuardName =
  | 'requireAuth'
  | 'requirePermission'
  | 'fresh'
  | 'csrf'
  | 'rateLimit'
  | 'passive'
  | 'sensitive'
  | 'onUnavailable'

/** Guards of an adapter by name. */
export type GuardSet<Guard> = Readonly<Record<GuardName, (...args: never[]) => Guard>>

/** One route of the suite. */
export interface Route {
  readonly method: 'GET' | 'POST'
  readonly path: string
  readonly guards: readonly GuardCall[]
  readonly handler: (kit: Kit) => unknown
}

/** The guards of a route as the adapter makes them. */
export function guardsOf<Guard>(route: Route, set: GuardSet<Guard>): Guard[] {
  return route.guards.map(([name, ...args]) => set[name](...args))
}

/** Runs the guards of a route where they are called inside of handlers, one after the other. */
export async function runGuards(route: Route, set: GuardSet<Promise<void>>): Promise<void> {
  for (const [name, ...args] of route.guards) await set[name](...args)
}

/** What the application of a test says about an error. Its mark shows that it was asked. */
export function describeError(error: unknown): {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
} {
  const { status = 500, code = 'none' } = error as { status?: number; code?: string }
  return { status, headers: { 'x-error-path': 'app' }, body: JSON.stringify({ code }) }
}
