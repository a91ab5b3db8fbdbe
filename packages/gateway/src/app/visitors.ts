import type { IncomingMessage } from 'node:http'
import type { Cloakroom, SessionState } from 'cloakroom'
import { createEndedTickets } from './ended-tickets.ts'

/** Where a request comes from, as Cloakroom reads it. */
export type Client = ReturnType<Cloakroom['addresses']['read']>

/** Whoever sent a request. */
export interface Visitor {
  readonly client: Client
  /** Null for whoever is not signed in. */
  readonly session: SignedIn | null
  /** Whether that cannot be told at the moment. */
  readonly isUnknown: boolean
  /** Why there is no session: `none` for whoever brought no ticket. */
  readonly reason: string
  /** Set-Cookie lines for the answer. */
  readonly cookies: readonly string[]
}

/** A session of a user. */
export type SignedIn = SessionState<object> & { readonly userId: string }

/** Finds out who sent requests. */
export interface Visitors {
  locate(request: Pick<IncomingMessage, 'headers' | 'socket'>): Client
  /** @param isPassive does not count as activity. */
  read(
    request: Pick<IncomingMessage, 'headers'>,
    client: Client,
    options: { readonly isPassive: boolean; readonly isSensitive: boolean },
  ): Promise<Visitor>
}

/** Makes {@link Visitors}. */
export function createVisitors(cloakroom: Cloakroom): Visitors {
  const { addresses, sessions, sessionCookie, clock } = cloakroom
  const ended = createEndedTickets(clock)
  return {
    locate({ headers, socket }) {
      return addresses.read({
        socketAddress: socket.remoteAddress,
        isEncrypted: 'encrypted' in socket && socket.encrypted === true,
        header: name => headers[name]?.toString(),
      })
    },

    async read({ headers }, client, options) {
      const nobody = { client, session: null, isUnknown: false, cookies: [] }
      const ticket = sessionCookie.read(headers.cookie, client)
      if (ticket.value === null) return { ...nobody, reason: ticket.reason }
      const known = ended.reasonOf(ticket.value)
      if (known !== undefined) return { ...nobody, reason: known }
      const source = { ip: client.ip, userAgent: headers['user-agent'] }
      const read = await sessions.validate(ticket.value, { source, ...options })
      if (read.state === 'unavailable') return { ...nobody, reason: 'unavailable', isUnknown: true }
      if (read.state === 'absent') {
        ended.note(ticket.value, read.reason)
        return { ...nobody, reason: read.reason }
      }
      const { session, newToken } = read
      const token = newToken ?? (ticket.resign ? ticket.value : null)
      const expiresAt = session.isPersistent ? session.expiresAt : null
      return {
        ...nobody,
        session: isSignedIn(session) ? session : null,
        reason: 'none',
        cookies: token === null ? [] : [sessionCookie.write(token, { client, expiresAt })],
      }
    },
  }
}

function isSignedIn(session: SessionState<object>): session is SignedIn {
  return session.userId !== null
}
