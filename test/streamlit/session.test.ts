import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { takePicture } from '../browser/browsing.ts'
import {
  createStreamlitGround,
  expectValue,
  type StreamlitGround,
  signIn,
  untilRun,
} from './ground.ts'

let ground: StreamlitGround
beforeAll(async () => {
  ground = await createStreamlitGround()
  await ground.addAccount('ada@example.org', 'moderator')
})
afterAll(() => ground?.close())

describe('[F 1] a visitor', () => {
  it('signs in, comes back to the same address, and stays in', async () => {
    const page = await ground.browsing.newVisitor()
    await page.goto('/?q=2026')
    await takePicture(page, 'streamlit-sign-in')
    await signIn(page, 'ada@example.org')
    expect(new URL(page.url()).search).toBe('?q=2026')
    await untilRun(page)
    await expectValue(page, 'query', '2026')
    await takePicture(page, 'streamlit-signed-in')
    await page.reload()
    await expectValue(page, 'query', '2026')
    const second = await page.context().newPage()
    await second.goto(ground.origin)
    await expectValue(second, 'header', 'ada@example.org')
  })
})
