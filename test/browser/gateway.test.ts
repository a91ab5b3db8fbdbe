import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { password } from '../support/accounts.ts'
import { createGatewayGround, type GatewayGround } from '../support/gateway-ground.ts'
import { type Browsing, openBrowser } from './browsing.ts'

let ground: GatewayGround
let browsing: Browsing
beforeAll(async () => {
  ground = await createGatewayGround({
    preset: 'streamlit',
    rules: [
      { path: '/favicon.ico', allow: 'public' },
      { path: '/**', allow: 'signed-in' },
    ],
  })
  ground.app.answer = (request, response) => {
    if (request.url === '/favicon.ico') return !!response.writeHead(204).end()
    const page =
      '<!doctype html><title>App</title><p id="hash"></p><script>hash.textContent=location.hash</script>'
    return !!response.writeHead(200, { 'content-type': 'text/html' }).end(page)
  }
  browsing = await openBrowser(ground.origin)
  await ground.addAccount()
})
afterAll(async () => {
  await browsing.close()
  await ground.close()
})

async function signIn() {
  const page = await browsing.newVisitor()
  await page.goto('/report?year=2026#totals')
  expect(page.url()).toContain('/_cloakroom/login')
  await page.fill('input[name=email]', 'ada@example.org')
  await page.fill('input[name=password]', password)
  await page.click('form [type=submit]')
  await page.waitForURL(url => url.pathname === '/report')
  return page
}

describe('the gateway in a browser', () => {
  it('leads back to the same address, fragment and all', async () => {
    const page = await signIn()
    const { search, hash } = new URL(page.url())
    expect([search, hash]).toEqual(['?year=2026', '#totals'])
    expect(await page.textContent('#hash')).toBe('#totals')
    expect(browsing.takeProblems()).toEqual([])
  })

  it('brings every open tab to sign-in when the session ends', async () => {
    const page = await signIn()
    const second = await page.context().newPage()
    await second.goto('/other')
    await page.waitForTimeout(300)
    await page.goto('/_cloakroom/account')
    const brought = second.waitForURL(/_cloakroom\/login\?next=%2Fother/, { timeout: 2000 })
    await page.click('form[action$="/logout"] button, form[action*="/logout"] [type=submit]')
    await brought
    expect(await second.title()).toContain('Sign in')
  })
})
