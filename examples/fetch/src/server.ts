import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { createCloakroom, getCsrfToken, loginUser, logoutUser, type Session } from 'cloakroom'
import { rateLimit, requireAuth } from 'cloakroom/fetch'

declare module 'cloakroom' {
  interface SessionData {
    visits?: number
  }
}

function home({ data, user }: Session): Response {
  data.visits = (data.visits ?? 0) + 1
  const page = `
    <h1>Hello, ${user?.id ?? 'stranger'}</h1>
    <p>Visit ${data.visits}</p>
    <form method="post" action="${user === null ? '/sign-in' : '/sign-out'}">
      <input type="hidden" name="_csrf" value="${getCsrfToken()}">
      <button>${user === null ? 'Sign in' : 'Sign out'}</button>
    </form>`
  return new Response(page, { headers: { 'content-type': 'text/html' } })
}

// A real application asks for a password here.
async function signIn(): Promise<Response> {
  await rateLimit('auth_login')
  await loginUser({ id: 'alice' })
  return new Response(null, { status: 303, headers: { location: '/account' } })
}

async function signOut(): Promise<Response> {
  await logoutUser()
  return new Response(null, { status: 303, headers: { location: '/' } })
}

async function account({ user }: Session): Promise<Response> {
  await requireAuth('user')
  return Response.json(user)
}

const routes: Record<string, (session: Session) => Response | Promise<Response>> = {
  'GET /': home,
  'POST /sign-in': signIn,
  'POST /sign-out': signOut,
  'GET /account': account,
}

const handle = createCloakroom().fetch((request, session) => {
  const run = routes[`${request.method} ${new URL(request.url).pathname}`]
  return run?.(session) ?? new Response('Not found', { status: 404 })
})

const listener = getRequestListener((request, { incoming }) =>
  handle(request, { address: incoming.socket.remoteAddress }),
)
const port = Number(process.env['PORT'] ?? 3000)
createServer(listener).listen(port, () => console.log(`Open http://localhost:${port}`))
