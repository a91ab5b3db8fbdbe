import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  createGatewayGround,
  type GatewayBrowser,
  type GatewayGround,
} from '../../../../test/support/gateway-ground.ts'

let ground: GatewayGround
let browser: GatewayBrowser

beforeEach(async () => {
  ground = await createGatewayGround()
  browser = await ground.signIn()
})
afterEach(() => ground.close())

/** The headers that the app is told of somebody, this much later. */
async function tellLater(seconds: number) {
  ground.clock.advance(seconds * 1000)
  await browser.send('/')
  return ground.app.seen.at(-1)?.headers
}

describe('createPeople', () => {
  it('has nothing signed anew while nothing changes, for as long as a token is given out', async () => {
    const first = (await tellLater(0))?.['x-cloakroom-jwt']
    expect(first).toMatch(/^ey/)
    for (let look = 0; look < 3; look += 1) {
      expect((await tellLater(15))?.['x-cloakroom-jwt']).toBe(first)
    }
    expect((await tellLater(16))?.['x-cloakroom-jwt']).not.toBe(first)
  })

  it('tells the app of another name within ten seconds', async () => {
    const before = await tellLater(0)
    const { accounts } = ground.stores
    const ada = await accounts.findByLogin('ada@example.org')
    if (ada === null) throw new Error('She is gone.')
    await accounts.update(ada, { name: 'Countess' })
    const after = await tellLater(10)
    expect(after?.['x-cloakroom-name']).toBe('Countess')
    expect(after?.['x-cloakroom-jwt']).not.toBe(before?.['x-cloakroom-jwt'])
  })
})
