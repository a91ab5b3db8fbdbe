import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createGatewayGround, type GatewayGround } from '../../../../test/support/gateway-ground.ts'

let ground: GatewayGround
beforeEach(async () => {
  ground = await createGatewayGround()
})
afterEach(() => ground.close())

describe('createGateway', () => {
  it('sends a visitor to sign-in, and back to the same address', async () => {
    await ground.addAccount()
    const browser = ground.openBrowser()
    const refused = await browser.load('/reports?year=2026')
    expect(refused.status).toBe(302)
    expect(refused.headers.location).toBe('/_cloakroom/login?next=%2Freports%3Fyear%3D2026')
    const signedIn = await browser.submit(refused.headers.location ?? '', '/_cloakroom/login', {
      email: 'ada@example.org',
      password: 'vk 7 Zuq brm oj',
      next: '/reports?year=2026',
    })
    expect(signedIn.headers.location).toBe('/reports?year=2026')
    const page = await browser.load('/reports?year=2026')
    expect(page.status).toBe(200)
    expect(page.json()).toMatchObject({ method: 'GET', url: '/reports?year=2026' })
  })

  it('tells the app who somebody is', async () => {
    const browser = await ground.signIn({ name: 'Ada Lovelace', role: 'moderator' })
    await browser.load('/')
    expect(ground.app.seen.at(-1)?.headers).toMatchObject({
      'x-cloakroom-email': 'ada@example.org',
      'x-cloakroom-name': 'Ada Lovelace',
      'x-cloakroom-roles': 'moderator,user,guest',
    })
  })

  it('passes messages both ways', async () => {
    const browser = await ground.signIn()
    const socket = await browser.open('/live')
    socket.send('hello')
    const [message] = await new Promise<[Buffer]>(resolve =>
      socket.once('message', data => resolve([data as Buffer])),
    )
    expect(String(message)).toBe('hello')
    socket.close()
  })

  it('opens no WebSocket for a visitor', async () => {
    await expect(ground.openBrowser().open('/live')).rejects.toThrow('401')
    expect(ground.app.seen).toEqual([])
  })
})
