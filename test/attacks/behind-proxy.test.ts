import type { CloakroomOptions } from 'cloakroom'
import { afterEach, describe, expect, it } from 'vitest'
import { type RunningApp, startExpressApp } from '../support/express-app.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const inProduction: CloakroomOptions = {
  production: true,
  memory: true,
  secret,
  cookieSecret: secret,
  csrf: false,
}

describe('behind a proxy that ends TLS', () => {
  const running: RunningApp[] = []
  afterEach(() => {
    for (const app of running.splice(0)) app.close()
  })

  async function login(options: CloakroomOptions, headers: Record<string, string>) {
    const app = startExpressApp({ ...inProduction, ...options })
    running.push(app)
    const warnings: string[] = []
    const note = (warning: Error): void => {
      if (warning.name === 'CloakroomWarning') warnings.push(warning.message)
    }
    process.on('warning', note)
    const body = JSON.stringify({ user: 'alice' })
    const sent = { 'content-type': 'application/json', ...headers }
    const response = await app.newClient().send('/login', { method: 'POST', headers: sent, body })
    await new Promise(resolve => setImmediate(resolve))
    process.off('warning', note)
    return { cookies: response.headers.getSetCookie(), warnings, headers: response.headers }
  }

  it.each(['https', 'https,http'])(
    'sends a Secure cookie when a trusted proxy says %s',
    async proto => {
      const { cookies, warnings, headers } = await login(
        { trustProxy: ['loopback'] },
        {
          'x-forwarded-proto': proto,
          'x-forwarded-for': '203.0.113.7',
          'x-forwarded-host': 'a.test',
        },
      )
      expect(cookies).toHaveLength(1)
      expect(cookies[0]).toMatch(/^__Host-Http-cloakroom=.*; Secure/)
      expect(warnings).toEqual([])
      expect(headers.get('strict-transport-security')).toContain('max-age=')
    },
  )

  it('still sends it when the proxy says nothing, and names the setting once', async () => {
    const { cookies, warnings } = await login({ trustProxy: ['loopback'] }, {})
    expect(cookies[0]).toMatch(/; Secure/)
    expect(warnings).toHaveLength(1)
  })

  it('believes nothing of a stranger, and names the setting', async () => {
    const { cookies, warnings, headers } = await login({}, { 'x-forwarded-proto': 'https' })
    expect(cookies[0]).toMatch(/; Secure/)
    expect(headers.get('strict-transport-security')).toBeNull()
    expect(warnings.join()).toMatch(/trustProxy|cookie/)
  })
})
