import type { SessionData } from 'cloakroom'

declare module 'cloakroom' {
  /** What a session of this application holds. */
  interface SessionData {
    visits?: number
    cart?: Map<string, number>
    note?: string
    /** When something was ordered last. */
    orderedAt?: Date
  }
}

/** What the shop sells, by the name that forms use. Prices are in euros. */
export const shop = {
  scarf: { title: 'Wool scarf', price: 35 },
  gloves: { title: 'Lambskin gloves', price: 48 },
  umbrella: { title: 'Umbrella', price: 29 },
  brush: { title: 'Coat brush', price: 18 },
} as const

export type ItemName = keyof typeof shop

export const itemNames = Object.keys(shop) as readonly ItemName[]

/** How many of an item are in the cart. Maps can be stored, and come back as maps. */
export function countOf({ cart }: SessionData, item: ItemName): number {
  return cart?.get(item) ?? 0
}

export function totalOf(data: SessionData): number {
  return itemNames.reduce((sum, item) => sum + countOf(data, item) * shop[item].price, 0)
}

/** Puts one of an item into the cart, or takes one out. */
export function changeCart(data: SessionData, item: ItemName, change: 1 | -1): void {
  const count = Math.min(9, countOf(data, item) + change)
  data.cart ??= new Map()
  if (count > 0) data.cart.set(item, count)
  else data.cart.delete(item)
}
