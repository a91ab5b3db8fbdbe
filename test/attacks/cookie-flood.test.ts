import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type RunningApp, startExpressApp } from '../support/express-app.ts'

describe('somebody who is not signed in', () => {
  let app: RunningApp

  beforeEach(() => {
    app = startExpressApp()
  })
  afterEach(() => app.close())

  it('gets no cookies by polling, and signs in from the oldest and the newest of many tabs', async () => {
    const browser = app.newClient()
    for (let count = 0; count < 200; count += 1) {
      const accept = count % 2 === 0 ? 'application/json' : 'text/html'
      expect((await browser.send('/me', { headers: { accept } })).status).toBe(401)
    }
    expect(browser.jar.size).toBe(0)

    const tabs: string[] = []
    for (let count = 0; count < 30; count += 1) {
      tabs.push(await (await browser.send('/form')).text())
    }
    const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join('; ')
    expect(browser.jar.size).toBe(1)
    expect(cookie.length).toBeLessThan(4096)

    for (const token of [tabs[0] ?? '', tabs[29] ?? '']) {
      const visitor = app.newClient()
      for (const [name, value] of browser.jar) visitor.jar.set(name, value)
      const body = new URLSearchParams({ _csrf: token, user: 'alice' })
      expect((await visitor.send('/login', { method: 'POST', body })).status).toBe(302)
      expect((await visitor.send('/me')).status).toBe(200)
    }
  })
})
