// Sessions as they are seen in the wild.
import { randomBytes } from 'node:crypto'

const userAgents = [
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36 Edg/140.0.0.0',
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Safari/605.1.15',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile Safari/537.36',
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
]

const tenantCount = 100

export const userOf = number => ({
  id: `user-${number}`,
  role: 'user',
  tenant: `tenant-${number % tenantCount}`,
})

export function sourceOf(number) {
  const ip = `203.0.${number % 250}.${Math.floor(number / 250) % 250}`
  return { ip, userAgent: userAgents[number % userAgents.length] }
}

/** Data of about so many bytes of JSON: settings, and a cart as long as it takes. */
export function dataOf(number, bytes = 300) {
  const data = {
    theme: number % 2 === 0 ? 'dark' : 'light',
    locale: 'en-GB',
    visits: number % 97,
    lastPage: `/products/shoes?page=${number % 40}`,
    cart: [],
  }
  let length = JSON.stringify(data).length
  for (let item = 0; length + itemLength / 2 < bytes; item += 1) {
    const added = itemOf(number, item)
    data.cart.push(added)
    length += JSON.stringify(added).length + 1
  }
  return data
}

const itemLength = 78

function itemOf(number, item) {
  return {
    sku: `SKU-${1000 + item * 37 + (number % 977)}`,
    name: `Product number ${(number * 31 + item * 7) % 5000}`,
    quantity: 1 + ((number + item) % 4),
    price: 19.99 + ((number * 3 + item * 11) % 180),
  }
}

/** As many bytes that nothing can make shorter by more than a quarter: text of chance. */
export function randomDataOf(_number, bytes) {
  const frame = JSON.stringify({ text: '' }).length
  return { text: randomBytes(Math.ceil(((bytes - frame) * 3) / 4)).toString('base64url') }
}

/** Of the JSON of the first sessions, since prices and numbers differ. */
export function meanLength(bytes, makeData = dataOf) {
  const lengths = Array.from(
    { length: 100 },
    (_, number) => JSON.stringify(makeData(number, bytes)).length,
  )
  return Math.round(lengths.reduce((sum, length) => sum + length) / lengths.length)
}
