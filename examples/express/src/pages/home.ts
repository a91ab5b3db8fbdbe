import type { SessionData } from 'cloakroom'
import { type Html, html } from '../html.ts'
import { countOf, type ItemName, itemNames, shop, totalOf } from '../shop.ts'
import { renderPage, type View } from './layout.ts'

export function homePage(view: View, data: SessionData): string {
  const content = html`
    ${ticket(view, data)}
    <div class="columns">
      ${cart(view, data)}
      ${note(view, data)}
    </div>`
  return renderPage(view, { title: 'Home', content })
}

function ticket({ user }: View, { visits = 0 }: SessionData): Html {
  return html`<section class="ticket">
    <div class="stub">
      <strong id="visits">${visits}</strong>
      ${visits === 1 ? 'visit' : 'visits'}
    </div>
    <div>
      <h1>${user === null ? 'Welcome' : `Welcome, ${user.id}`}</h1>
      <p>
        This page counts your visits, keeps your cart and holds your note. All of it hangs on the
        server, sealed; your browser holds a ticket and nothing else.
      </p>
    </div>
  </section>`
}

function cart(view: View, data: SessionData): Html {
  const total = totalOf(data)
  return html`<section class="card" aria-labelledby="cart-title">
    <h2 id="cart-title">Your cart</h2>
    <ul class="rows" role="list">${itemNames.map(item => cartRow(view, data, item))}</ul>
    <p class="total">
      <span>${total === 0 ? 'Nothing in it yet' : 'Total'}</span>
      ${total > 0 && html`<strong>€ ${total}</strong>`}
    </p>
  </section>`
}

function cartRow(view: View, data: SessionData, item: ItemName): Html {
  const { title, price } = shop[item]
  const count = countOf(data, item)
  return html`<li>
    <span class="grow">${title}<small>€ ${price}</small></span>
    <form class="stepper" method="post" action="/cart">
      ${view.csrfField()}
      <input type="hidden" name="item" value="${item}">
      <button name="change" value="remove" aria-label="Take out one: ${title}"${count === 0 && html` disabled`}>−</button>
      <span data-item="${item}">${count}</span>
      <button name="change" value="add" aria-label="Put in one: ${title}">+</button>
    </form>
  </li>`
}

function note(view: View, { note = '' }: SessionData): Html {
  return html`<section class="card" aria-labelledby="note-title">
    <h2 id="note-title">A note with your coat</h2>
    <form class="stack" method="post" action="/note">
      ${view.csrfField()}
      <label for="note">Only this session can read it.</label>
      <textarea id="note" name="note" rows="3" maxlength="200">${note}</textarea>
      <button class="primary">Keep the note</button>
    </form>
    <form class="stack divided" method="post" action="/note">
      <p>
        The form above carries a token. This one does not, as if another site had sent it in your
        name.
      </p>
      <input type="hidden" name="note" value="Forged!">
      <button>Send a forged note</button>
    </form>
  </section>`
}
