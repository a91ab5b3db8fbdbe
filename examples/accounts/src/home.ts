import type { SessionData } from 'cloakroom'
import { type Html, html } from './html.ts'
import { renderPage, type View } from './layout.ts'
import { countOf, type ItemName, itemNames, shop, totalOf } from './shop.ts'

export function homePage(view: View, data: SessionData): string {
  const content = html`
    ${ticket(view, data)}
    <div class="columns">
      ${cart(view, data)}
      ${note(view, data)}
    </div>`
  return renderPage(view, 'Home', content)
}

function ticket({ user }: View, { visits = 0, orderedAt }: SessionData): Html {
  return html`<section class="ticket">
    <div class="stub"><strong id="visits">${visits}</strong>${visits === 1 ? 'visit' : 'visits'}</div>
    <div>
      <h1>${user === null ? 'Welcome' : 'Welcome back'}</h1>
      <p>
        This page counts your visits, keeps your cart and holds your note. All of it hangs on the
        server, sealed; your browser holds a ticket and nothing else.
      </p>
      ${orderedAt !== undefined && html`<p class="good" role="status">Ordered. Your coat will be brushed.</p>`}
    </div>
  </section>`
}

function cart(view: View, data: SessionData): Html {
  const total = totalOf(data)
  return html`<section class="card" aria-labelledby="cart-title">
    <h2 id="cart-title">Your cart</h2>
    <ul role="list">${itemNames.map(item => cartRow(view, data, item))}</ul>
    <form class="total" method="post" action="/order">
      ${view.csrfField()}
      <span>${total === 0 ? 'Nothing in it yet' : html`Total <strong>€ ${total}</strong>`}</span>
      <button class="primary"${total === 0 && html` disabled`}>Order</button>
    </form>
  </section>`
}

function cartRow(view: View, data: SessionData, item: ItemName): Html {
  const { title, price } = shop[item]
  const count = countOf(data, item)
  return html`<li>
    <span>${title}<small>€ ${price}</small></span>
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
