import { LoginForm, RegisterForm, useSession } from '@cloakroom/accounts/react'
import { useState } from 'react'

/** For those who are not signed in. What mails lead to are the pages that come with accounts. */
export function Entrance({ onEnrolment }: { readonly onEnrolment: () => void }) {
  const { session } = useSession()
  const [isNew, setNew] = useState(false)
  const changePassword = (token: string) => {
    location.href = `/reset?${new URLSearchParams({ token })}`
  }
  return (
    <section>
      <h2>{isNew ? 'Become a reader' : 'Sign in'}</h2>
      {session?.ended && <p role="status">Your session has ended. Sign in again.</p>}
      {isNew ? (
        <RegisterForm />
      ) : (
        <LoginForm onPasswordChange={changePassword} onEnrolment={onEnrolment} />
      )}
      <p>
        {session?.settings.isRegistrationOpen && (
          <button type="button" className="link" onClick={() => setNew(!isNew)}>
            {isNew ? 'I have an account' : 'Become a reader'}
          </button>
        )}
        {!isNew && <a href="/forgot">Forgot your password?</a>}
      </p>
    </section>
  )
}
