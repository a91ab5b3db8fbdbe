import { bodyParser } from '@koa/bodyparser'
import { Router } from '@koa/router'
import { createCloakroom, getCsrfToken, loginUser, logoutUser } from 'cloakroom'
import { errors, rateLimit, requireAuth } from 'cloakroom/koa'
import Koa from 'koa'

declare module 'cloakroom' {
  interface SessionData {
    visits?: number
  }
}

const cloakroom = createCloakroom()
const router = new Router()

router.get('/', context => {
  const { data, user } = context.session
  data.visits = (data.visits ?? 0) + 1
  context.body = `
    <h1>Hello, ${user?.id ?? 'stranger'}</h1>
    <p>Visit ${data.visits}</p>
    <form method="post" action="${user === null ? '/sign-in' : '/sign-out'}">
      <input type="hidden" name="_csrf" value="${getCsrfToken()}">
      <button>${user === null ? 'Sign in' : 'Sign out'}</button>
    </form>`
})

// A real application asks for a password here.
router.post('/sign-in', rateLimit('auth_login'), async context => {
  await loginUser({ id: 'alice' })
  context.redirect('/account')
})

router.post('/sign-out', async context => {
  await logoutUser()
  context.redirect('/')
})

router.get('/account', requireAuth('user'), context => {
  context.body = context.session.user
})

const app = new Koa()
app.use(errors())
app.use(bodyParser())
app.use(cloakroom.koa())
app.use(router.routes())

const port = Number(process.env['PORT'] ?? 3000)
app.listen(port, () => console.log(`Open http://localhost:${port}`))
