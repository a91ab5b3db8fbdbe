import { createServer, type ServerResponse } from 'node:http'
import { createCloakroom, getCsrfToken, loginUser, logoutUser, type Session } from 'cloakroom'
import { rateLimit, requireAuth } from 'cloakroom/node'

declare module 'cloakroom' {
  interface SessionData {
    visits?: number
  }
}

type Route = (response: ServerResponse, session: Session) => unknown

// Scripts send the token in a header: nothing here reads the forms of a page.
const home: Route = (response, { data, user }) => {
  data.visits = (data.visits ?? 0) + 1
  response.setHeader('X-CSRF-Token', getCsrfToken())
  response.end(`Hello, ${user?.id ?? 'stranger'}. Visit ${data.visits}.`)
}

// A real application asks for a password here.
const signIn: Route = async response => {
  await rateLimit('auth_login')
  await loginUser({ id: 'alice' })
  response.writeHead(303, { Location: '/account' }).end()
}

const signOut: Route = async response => {
  await logoutUser()
  response.writeHead(303, { Location: '/' }).end()
}

const account: Route = async (response, { user }) => {
  await requireAuth('user')
  response.end(JSON.stringify(user))
}

const routes: Record<string, Route> = {
  'GET /': home,
  'POST /sign-in': signIn,
  'POST /sign-out': signOut,
  'GET /account': account,
}

const cloakroom = createCloakroom()
const listener = cloakroom.node(async ({ method, url }, response, session) => {
  const route = routes[`${method} ${url}`]
  if (route === undefined) response.writeHead(404).end()
  else await route(response, session)
})

const port = Number(process.env['PORT'] ?? 3000)
createServer(listener).listen(port, () => console.log(`Open http://localhost:${port}`))
