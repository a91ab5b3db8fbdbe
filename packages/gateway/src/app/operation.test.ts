import { afterEach, describe, expect, it } from 'vitest'
import { createGatewayGround, type GatewayGround } from '../../../../test/support/gateway-ground.ts'
import { findFreePort } from '../../../../test/support/redis-server.ts'

const january = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const february = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'

describe('a gateway in operation', () => {
  let ground: GatewayGround
  afterEach(() => ground.close())

  const keyIds = async (): Promise<string[]> => {
    const { keys } = (await ground.openBrowser().send('/_cloakroom/jwks.json')).json() as {
      keys: { kid: string }[]
    }
    return keys.map(key => key.kid)
  }

  it('takes other secrets over, and whoever is signed in stays so', async () => {
    ground = await createGatewayGround({ secret: january, cookieSecret: january })
    const ada = await ground.signIn()
    const [old = ''] = await keyIds()
    const both = { secret: [february, january], cookieSecret: [february, january] }
    expect(await ground.gateway.reloadSecrets(both)).toEqual(['secret', 'cookieSecret'])
    expect((await ada.load('/')).status).toBe(200)
    const ids = await keyIds()
    expect(ids).toHaveLength(2)
    expect(ids[1]).toBe(old)
  })

  it('forgets secrets that leaked: sessions end, and nothing they signed is believed', async () => {
    ground = await createGatewayGround({ secret: january, cookieSecret: january })
    const ada = await ground.signIn()
    const [old = ''] = await keyIds()
    expect((await ada.load('/')).status).toBe(200)
    await ground.gateway.reloadSecrets({ secret: february, cookieSecret: february })
    expect((await ada.load('/')).status).toBe(302)
    expect(await keyIds()).not.toContain(old)
    await ada.signIn()
    expect((await ada.load('/')).status).toBe(200)
  })

  it('changes nothing for a secret that is too weak', async () => {
    ground = await createGatewayGround({ secret: january, cookieSecret: january })
    const weak = { secret: february, cookieSecret: 'weak' }
    await expect(ground.gateway.reloadSecrets(weak)).rejects.toThrow(/cookieSecret/)
    expect(await keyIds()).toHaveLength(1)
  })

  it('serves figures on a port of their own', async () => {
    const port = await findFreePort()
    ground = await createGatewayGround({ metrics: { port } })
    await ground.signIn()
    const url = `http://127.0.0.1:${port}/metrics`
    const text = await (await fetch(url)).text()
    expect(text).toContain('cloakroom_sessions_created_total{kind="user"} 1')
    expect(text).toContain('nodejs_eventloop_lag_seconds')
    expect(text).toContain('cloakroom_gateway_websockets{app="app"} 0')
    expect(text).toContain('cloakroom_gateway_app_up{app="app"} 1')
    expect((await ground.openBrowser().send('/metrics')).text).not.toContain('cloakroom_')
    await ground.gateway.close()
    await expect(fetch(url)).rejects.toThrow()
  })
})
