/** @jsxImportSource react */
import {
  createContext,
  type ReactElement,
  type ReactNode,
  useContext,
  useEffect,
  useMemo,
  useState,
  useSyncExternalStore,
} from 'react'
import { type AccountsClient, type CallResult, createAccountsClient } from '../client/client.ts'
import type { CurrentSession, CurrentUser, SignIn } from '../wire/own-calls.ts'
import { type ComponentTexts, englishTexts } from './texts.ts'

/** Who is signed in, and what can be done about it. */
export interface SessionView {
  /** `unavailable` while nothing is known and the API cannot be reached. */
  readonly status: 'loading' | 'signed-in' | 'signed-out' | 'unavailable'
  /** Null unless somebody is signed in. */
  readonly user: CurrentUser | null
  /** All that is known; null before the first answer. */
  readonly session: CurrentSession | null
  signIn(input: SignIn): Promise<CallResult<'POST /sign-in'>>
  signOut(): Promise<CallResult<'POST /sign-out'>>
  /** Counts as activity, as when somebody says that they are still there. */
  renew(): Promise<CallResult<'POST /session/renew'>>
  refresh(): Promise<CallResult<'GET /session'>>
  /** For every other call. */
  readonly client: AccountsClient
}

interface Provided extends SessionView {
  readonly texts: ComponentTexts
}

const SessionContext = createContext<Provided | null>(null)

/** Properties of {@link SessionProvider}. */
export interface SessionProviderProps {
  readonly children?: ReactNode
  /** @default one for `/api/auth` */
  readonly client?: AccountsClient | undefined
  /** Texts of the components in other words or another language. */
  readonly texts?: Partial<ComponentTexts> | undefined
}

/** Knows who is signed in, for all that is within it, and sees when that ends. */
export function SessionProvider(props: SessionProviderProps): ReactElement {
  const { children, texts } = props
  const [client] = useState(() => props.client ?? createAccountsClient())
  const [hasFailed, setFailed] = useState(false)
  const session = useSyncExternalStore(client.subscribe, client.session, client.session)

  useEffect(() => {
    const stop = client.watch()
    void client.refresh().then(result => setFailed(!result.ok))
    return stop
  }, [client])

  const provided = useMemo(
    (): Provided => ({
      status: statusOf(session, hasFailed),
      user: session?.user ?? null,
      session,
      signIn: input => client.send('POST /sign-in', input),
      signOut: () => client.send('POST /sign-out'),
      renew: () => client.send('POST /session/renew'),
      refresh: () => client.refresh(),
      client,
      texts: { ...englishTexts, ...texts },
    }),
    [client, hasFailed, session, texts],
  )
  return <SessionContext.Provider value={provided}>{children}</SessionContext.Provider>
}

function statusOf(session: CurrentSession | null, hasFailed: boolean): SessionView['status'] {
  if (session !== null) return session.user === null ? 'signed-out' : 'signed-in'
  return hasFailed ? 'unavailable' : 'loading'
}

/** Who is signed in, and what can be done about it. */
export function useSession(): SessionView {
  return useProvided()
}

/** What the components say. */
export function useTexts(): ComponentTexts {
  return useProvided().texts
}

function useProvided(): Provided {
  const provided = useContext(SessionContext)
  if (provided === null) throw new Error('Put a `SessionProvider` around this component.')
  return provided
}
