import { RequireRole, SecondFactorSetup, SessionList, useSession } from '@cloakroom/accounts/react'
import { useState } from 'react'
import { Entrance } from './entrance.tsx'
import { Visitors } from './visitors.tsx'

export function App() {
  const { status, user, signOut } = useSession()
  const [isEnrolling, setEnrolling] = useState(false)
  return (
    <>
      <header>
        <h1>Reading room</h1>
        {user !== null && (
          <p>
            {user.name || user.email}{' '}
            <button type="button" onClick={() => void signOut()}>
              Sign out
            </button>
          </p>
        )}
      </header>
      <main>
        {status === 'loading' && <p>One moment…</p>}
        {status === 'unavailable' && <p role="alert">The server does not answer. Try again.</p>}
        {isEnrolling && <SecondFactorSetup onDone={() => setEnrolling(false)} />}
        {!isEnrolling && status === 'signed-out' && (
          <Entrance onEnrolment={() => setEnrolling(true)} />
        )}
        {!isEnrolling && status === 'signed-in' && <Room />}
      </main>
    </>
  )
}

function Room() {
  return (
    <>
      <section>
        <h2>Visitors</h2>
        <RequireRole atLeast="moderator" fallback={<p>Only moderators see how many there were.</p>}>
          <Visitors />
        </RequireRole>
      </section>
      <section>
        <h2>Where you are signed in</h2>
        <SessionList />
      </section>
    </>
  )
}
