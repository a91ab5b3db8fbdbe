import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  createGatewayGround,
  type GatewayBrowser,
  type GatewayGround,
} from '../support/gateway-ground.ts'

let ground: GatewayGround
let ada: GatewayBrowser
beforeAll(async () => {
  ground = await createGatewayGround({
    rules: [
      { path: '/admin/**', allow: ['admin'] },
      { path: '/open/**', allow: 'public' },
      { path: '/**', allow: 'signed-in' },
    ],
  })
  ada = await ground.signIn()
})
afterAll(() => ground.close())

/** What servers are known to do to paths. Each is right by some standard. */
const habits: readonly ((path: string) => string)[] = [
  decodeOnce,
  path => path.toLowerCase(),
  path => path.replaceAll('\\', '/'),
  path => path.replace(/\/{2,}/g, '/'),
  path => path.replace(/;[^/]*/g, ''),
  path => path.replace(/[?#\0].*$/s, ''),
  path => path.replace(/[. ]+(?=\/|$)/g, ''),
  resolveDots,
]

/** What some server may serve when it is asked for a path: the habits in any order, some twice. */
function possiblePaths(path: string): ReadonlySet<string> {
  const found = new Set([path])
  for (let round = 0; round < 3; round += 1) {
    for (const each of [...found]) for (const habit of habits) found.add(habit(each))
  }
  return found
}

function decodeOnce(path: string): string {
  return path.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
}

function resolveDots(path: string): string {
  const result: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') result.pop()
    else if (segment !== '.') result.push(segment)
  }
  return `/${result.filter((each, at) => at > 0 || each !== '').join('/')}`
}

const part = fc.constantFrom(
  ...['admin', 'ADMIN', '%61dmin', 'adm%69n', 'open', 'users', 'x'],
  ...['/', '/', '/', '//', '\\', '%2f', '%2F', '%5c', '%252f'],
  ...['.', '..', '%2e', '%2e%2e', '%252e', '..;', ';', ';a=b', '.%2e'],
  ...['?', '#', '%3f', '%23', '%00', '%0a', '%20', ' ', '%', '%zz', '%c0%ae', 'é'],
)
const path = fc.array(part, { maxLength: 10 }).map(parts => `/${parts.join('')}`)

describe('paths that servers read in different ways', () => {
  it('lead nobody to what their role may not see', async () => {
    let passed = 0
    await fc.assert(
      fc.asyncProperty(path, async given => {
        const before = ground.app.seen.length
        const answer = await ada.send(encodeForWire(given)).catch(() => null)
        const seen = ground.app.seen.slice(before)
        if (answer === null || seen.length === 0) return
        passed += 1
        const asked = (seen[0]?.url ?? '').replace(/\?.*$/s, '')
        const secret = [...possiblePaths(asked)].filter(each => /^\/admin(\/|$)/.test(each))
        expect(secret).toEqual([])
      }),
      { numRuns: 600 },
    )
    expect(passed).toBeGreaterThan(50)
  })

  it('lead no visitor beyond what is public', async () => {
    const visitor = ground.openBrowser()
    await fc.assert(
      fc.asyncProperty(path, async given => {
        const before = ground.app.seen.length
        await visitor.send(encodeForWire(`/open${given}`)).catch(() => null)
        const seen = ground.app.seen.slice(before)
        if (seen.length === 0) return
        const asked = (seen[0]?.url ?? '').replace(/\?.*$/s, '')
        const beyond = [...possiblePaths(asked)].filter(each => !/^\/open(\/|$)/i.test(each))
        expect(beyond).toEqual([])
      }),
      { numRuns: 400 },
    )
  })

  it('are passed on to the letter, so that what was judged is what is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(path, async given => {
        const before = ground.app.seen.length
        const sent = encodeForWire(given)
        await ada.send(sent).catch(() => null)
        const seen = ground.app.seen.slice(before)
        if (seen.length > 0) expect(seen[0]?.url).toBe(sent)
      }),
      { numRuns: 300 },
    )
  })
})

/** Node.js refuses to send these at all. */
function encodeForWire(text: string): string {
  return text.replaceAll(' ', '%20').replaceAll('é', '%C3%A9')
}
