import formbody from '@fastify/formbody'
import { createCloakroom, getCsrfToken, loginUser, logoutUser } from 'cloakroom'
import { errors, rateLimit, requireAuth } from 'cloakroom/fastify'
import fastify from 'fastify'

declare module 'cloakroom' {
  interface SessionData {
    visits?: number
  }
}

const cloakroom = createCloakroom()
const app = fastify()
await app.register(formbody)
await app.register(cloakroom.fastify())
app.setErrorHandler(errors())

app.get('/', async (request, reply) => {
  const { data, user } = request.session
  data.visits = (data.visits ?? 0) + 1
  return reply.type('text/html').send(`
    <h1>Hello, ${user?.id ?? 'stranger'}</h1>
    <p>Visit ${data.visits}</p>
    <form method="post" action="${user === null ? '/sign-in' : '/sign-out'}">
      <input type="hidden" name="_csrf" value="${getCsrfToken()}">
      <button>${user === null ? 'Sign in' : 'Sign out'}</button>
    </form>`)
})

// A real application asks for a password here.
app.post('/sign-in', { preHandler: rateLimit('auth_login') }, async (_request, reply) => {
  await loginUser({ id: 'alice' })
  return reply.redirect('/account')
})

app.post('/sign-out', async (_request, reply) => {
  await logoutUser()
  return reply.redirect('/')
})

app.get('/account', { preHandler: requireAuth('user') }, async request => request.session.user)

const address = await app.listen({ port: Number(process.env['PORT'] ?? 3000) })
console.log(`Open ${address.replace('[::1]', 'localhost')}`)
