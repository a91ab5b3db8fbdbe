import type { SessionManager, SessionState } from 'cloakroom'
import { closingFrame, createFrameReader, isDataFrame } from './frames.ts'
import type { TunnelConnection } from './tunnel.ts'

/**
 * Closes a connection when its session ends or its rights change, and counts what the client sends as
 * activity: data only, since browsers answer pings for as long as a tab is open.
 */
export function guardConnection(
  connection: TunnelConnection,
  { sessions, session }: { sessions: Pick<SessionManager, 'bind'>; session: SessionState<object> },
): void {
  const fromApp = createFrameReader(() => undefined)
  const binding = sessions.bind(
    {
      get readyState() {
        return connection.isClosed ? 3 : 1
      },
      on: (event, listener) => event === 'close' && connection.onClosed(listener),
      off: () => undefined,
      // In the middle of a frame there is nothing to be told.
      close: (code, reason) =>
        connection.close(fromApp.isBetweenFrames() ? closingFrame(code, reason) : undefined),
    },
    session,
    { isPassive: true },
  )
  const fromClient = createFrameReader(opcode => {
    if (isDataFrame(opcode)) binding.noteActivity()
  })
  connection.onClientBytes(fromClient.push)
  connection.onAppBytes(fromApp.push)
}
