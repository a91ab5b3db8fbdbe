import { afterAll, describe, expect, it } from 'vitest'
import { cookieOf, createStreamlitGround, openTab, type StreamlitGround } from './ground.ts'

let ground: StreamlitGround
afterAll(() => ground?.close())

/** A file of its own, since it takes a minute to see what somebody does who left. */
describe('a tab left open without its session [F 12]', () => {
  it('asks a bounded number of times, is counted nowhere and gets no cookies', async () => {
    ground = await createStreamlitGround({ config: { watcher: false } })
    const id = await ground.addAccount('ada@example.org')
    const page = await openTab(ground)
    const [gateway] = ground.gateways
    const events: string[] = []
    gateway?.engine.cloakroom.events.on(({ type, reason }) => events.push(`${type} ${reason}`))
    const before = await cookieOf(page)
    let requests = 0
    page.on('request', () => {
      requests += 1
    })
    await gateway?.engine.cloakroom.sessions.raiseEpoch({ user: id })
    await page.waitForTimeout(60_000)
    expect(requests).toBeLessThan(150)
    expect((await cookieOf(page)).length).toBeLessThanOrEqual(before.length)
    // Two are under way at once before the answer to one takes the cookie away.
    const refusals = events.filter(event => /^session_(refused|expired)/.test(event))
    expect(refusals.length).toBeLessThanOrEqual(2)
    expect(events.filter(event => /rate_limit|auth_failure/.test(event))).toEqual([])
  }, 120_000)
})
