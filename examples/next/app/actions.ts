'use server'
import { loginUser, logoutUser } from 'cloakroom'
import { rateLimit } from 'cloakroom/next'
import { redirect } from 'next/navigation'
import { action } from '../lib/session'

// A real application asks for a password here.
export const signIn = action(async (_form: FormData) => {
  await rateLimit('auth_login')
  await loginUser({ id: 'alice' })
  redirect('/account')
})

export const signOut = action(async (_form: FormData) => {
  await logoutUser()
  redirect('/')
})
