import { serve } from '@hono/node-server'
import { createCloakroom, loginUser, logoutUser } from 'cloakroom'
import { errors, rateLimit, requireAuth } from 'cloakroom/hono'
import { Hono } from 'hono'
import { html } from 'hono/html'

declare module 'cloakroom' {
  interface SessionData {
    visits?: number
  }
}

const cloakroom = createCloakroom()
const app = new Hono()
app.use(cloakroom.hono())
app.onError(errors())

app.get('/', c => {
  const { data, user } = c.var.session
  data.visits = (data.visits ?? 0) + 1
  return c.html(html`
    <h1>Hello, ${user?.id ?? 'stranger'}</h1>
    <p>Visit ${data.visits}</p>
    <form method="post" action="${user === null ? '/sign-in' : '/sign-out'}">
      <input type="hidden" name="_csrf" value="${c.var.csrfToken()}">
      <button>${user === null ? 'Sign in' : 'Sign out'}</button>
    </form>`)
})

// A real application asks for a password here.
app.post('/sign-in', rateLimit('auth_login'), async c => {
  await loginUser({ id: 'alice' })
  return c.redirect('/account')
})

app.post('/sign-out', async c => {
  await logoutUser()
  return c.redirect('/')
})

app.get('/account', requireAuth('user'), c => c.json(c.var.session.user))

serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000) }, ({ port }) => {
  console.log(`Open http://localhost:${port}`)
})
