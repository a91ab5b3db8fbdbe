import { useCallback, useEffect, useState } from 'react'
import type { CallRefusal } from '../client/client.ts'
import type { OwnSession } from '../wire/own-calls.ts'
import { useSession } from './session.tsx'

/** One's own sessions, and what can be done about them. */
export interface OwnSessionsView {
  /** Null before they are known. */
  readonly sessions: readonly OwnSession[] | null
  /** Why the last thing that was asked did not happen. */
  readonly refusal: CallRefusal<string> | null
  /** Whether something waits for the password: see {@link confirm}. */
  readonly needsPassword: boolean
  reload(): Promise<void>
  end(sessionId: string): Promise<void>
  endOthers(): Promise<void>
  /** Proves who it is, and does what was asked before. */
  confirm(password: string): Promise<void>
  /** Gives up what was asked before. */
  cancel(): void
}

type Action = () => Promise<{ readonly ok: true } | CallRefusal<string>>

/** The sessions of whoever is signed in. */
export function useSessions(): OwnSessionsView {
  const { client, user } = useSession()
  const userId = user?.id
  const [sessions, setSessions] = useState<readonly OwnSession[] | null>(null)
  const [refusal, setRefusal] = useState<CallRefusal<string> | null>(null)
  const [waiting, setWaiting] = useState<Action | null>(null)

  const reload = useCallback(async () => {
    const result = await client.send('GET /account/sessions')
    if (result.ok) setSessions(result.value.sessions)
    else setRefusal(result)
  }, [client])

  useEffect(() => {
    if (userId === undefined) setSessions(null)
    else void reload()
  }, [userId, reload])

  async function act(action: Action): Promise<void> {
    const result = await action()
    const isProofAsked = !result.ok && result.reason === 'reauthenticate'
    setWaiting(isProofAsked ? () => action : null)
    // One that has ended meanwhile is as good.
    setRefusal(result.ok || isProofAsked || result.reason === 'gone' ? null : result)
    if (!isProofAsked) await reload()
  }

  return {
    sessions,
    refusal,
    needsPassword: waiting !== null,
    reload,
    end: sessionId => act(() => client.send('DELETE /account/sessions/{sessionId}', { sessionId })),
    endOthers: () => act(() => client.send('DELETE /account/sessions')),
    async confirm(password) {
      const proof = await client.send('POST /reauthenticate', { password })
      if (!proof.ok) return setRefusal(proof)
      if (waiting !== null) await act(waiting)
    },
    cancel() {
      setWaiting(null)
      setRefusal(null)
    },
  }
}
