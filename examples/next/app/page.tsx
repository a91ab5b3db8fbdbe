import { getCurrentSession } from 'cloakroom'
import { page } from '../lib/session'
import { signIn, signOut } from './actions'

export default page(() => {
  const { user, data } = getCurrentSession()
  return (
    <main>
      <h1>Hello, {user?.id ?? 'stranger'}</h1>
      <p>Visit {data.visits ?? 0}</p>
      <form action={user === null ? signIn : signOut}>
        <button type="submit">{user === null ? 'Sign in' : 'Sign out'}</button>
      </form>
    </main>
  )
})
