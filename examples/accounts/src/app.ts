import { fileURLToPath } from 'node:url'
import type { Accounts } from '@cloakroom/accounts'
import type { Cloakroom } from 'cloakroom'
import { fresh, requireAuth } from 'cloakroom/express'
import express, { type Express, type Request } from 'express'
import { homePage } from './home.ts'
import { html } from './html.ts'
import { renderPage, viewOf } from './layout.ts'
import { changeCart, itemNames } from './shop.ts'

/** What the application works with. */
export interface Services {
  readonly cloakroom: Cloakroom
  readonly accounts: Accounts
}

export function createApp({ cloakroom, accounts }: Services): Express {
  const app = express()
  app.disable('x-powered-by')
  app.use(express.static(fileURLToPath(new URL('../public', import.meta.url))))
  // Sign-in, registration, the account, the console and their API, at paths of their own.
  app.use(accounts.express())
  app.use(express.urlencoded({ limit: '10kb' }), cloakroom.express())
  addShop(app)
  app.use((_request, response) => {
    const text = html`<section class="card"><h1>Nothing hangs here</h1><a href="/">Home</a></section>`
    response.status(404).send(renderPage(viewOf(response), 'Nothing hangs here', text))
  })
  // What guards refuse is answered with pages like those of accounts.
  app.use(accounts.expressErrors())
  return app
}

function addShop(app: Express): void {
  app.get('/', (request, response) => {
    const { data } = request.session
    data.visits = (data.visits ?? 0) + 1
    response.send(homePage(viewOf(response), data))
  })

  app.post('/cart', async (request, response) => {
    const item = itemNames.find(name => name === field(request, 'item'))
    const change = field(request, 'change') === 'add' ? 1 : -1
    if (item !== undefined) {
      await request.session.update(data => {
        changeCart(data, item, change)
      })
    }
    response.redirect(303, '/')
  })

  app.post('/note', (request, response) => {
    request.session.data.note = field(request, 'note').slice(0, 200)
    response.redirect(303, '/')
  })

  // Only for people who proved a short time ago who they are, and nobody in their place.
  app.post('/order', requireAuth('user'), fresh('10m'), (request, response) => {
    const { data } = request.session
    data.orderedAt = new Date()
    delete data.cart
    response.redirect(303, '/')
  })
}

/** A field of a form. Anybody may send it twice, or not at all. */
function field(request: Request, name: string): string {
  const value: unknown = request.body?.[name]
  return typeof value === 'string' ? value : ''
}
