import { describe, expect, it } from 'vitest'
import { fromBase64Url, fromUtf8, toBase64Url, utf8 } from '../core/bytes.ts'
import { createManualClock, type ManualClock } from '../core/clock.ts'
import {
  type CookieClient,
  type CookieDeps,
  type CookieManager,
  createCookieManager,
} from './cookie-manager.ts'
import type { CookieOptions } from './cookie-options.ts'
import { csrfCookie, visitorCookie } from './cookie-role.ts'
import type { CookieSigner } from './cookie-signature.ts'
import type { HttpWarning } from './warning.ts'

/** Signs by repeating the message: what matters here is which message is signed. */
function createOpenSigner(key: string, older: string | null = null): CookieSigner {
  return {
    sign: message => toBase64Url(utf8(`${key}|${message}`)),
    verify(message, signature) {
      const text = fromUtf8(fromBase64Url(signature) ?? new Uint8Array())
      if (text === `${key}|${message}`) return 'newest'
      return older !== null && text === `${older}|${message}` ? 'older' : null
    },
  }
}

interface Setup {
  readonly manager: CookieManager
  readonly clock: ManualClock
  readonly warnings: HttpWarning[]
}

function setUp(options: CookieOptions = {}, change: Partial<CookieDeps> = {}): Setup {
  const clock = createManualClock()
  const warnings: HttpWarning[] = []
  const manager = createCookieManager(options, {
    signer: createOpenSigner('key'),
    clock,
    production: false,
    onWarning: warning => warnings.push(warning),
    ...change,
  })
  return { manager, clock, warnings }
}

const https: CookieClient = { isSecure: true, isLoopback: false, host: 'app.example.test' }
const http: CookieClient = { ...https, isSecure: false }
const local: CookieClient = { isSecure: false, isLoopback: true, host: 'localhost:3000' }

function pairOf(line: string): string {
  return line.split('; ', 1)[0] ?? ''
}

function write(manager: CookieManager, value: string, client: CookieClient = https): string {
  return manager.write(value, { client, expiresAt: null })
}

/** Keeps cookies apart as browsers do: by name, domain, path and partition. */
function applyToJar(jar: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split('; ')
  const place = attributes.filter(each => /^(Domain|Path|Partitioned)/.test(each)).join(';')
  const key = `${pair.split('=')[0]};${place}`
  if (attributes.includes('Max-Age=0')) jar.delete(key)
  else jar.set(key, pair)
}

describe('CookieManager.read', () => {
  it('gives back what was written', () => {
    const { manager } = setUp()
    const header = `other=1; ${pairOf(write(manager, 'token'))}; more=2`
    expect(manager.read(header, https)).toEqual({ value: 'token', resign: false, refused: 0 })
  })

  it.each([undefined, '', 'other=1', '__Host-Http-cloakroomx=1', '__HOST-HTTP-CLOAKROOM=1'])(
    'finds none in %o',
    header => {
      expect(setUp().manager.read(header, https)).toEqual({ value: null, reason: 'none' })
    },
  )

  it.each(['', '.', 'token', 'token.', '.x', 'token.%%%', 'token.bm8', 'x'.repeat(4000)])(
    'finds no signature in "%s"',
    value => {
      const { manager } = setUp()
      const reading = manager.read(`${manager.name}=${value}`, https)
      expect(reading).toEqual({ value: null, reason: 'bad-signature' })
    },
  )

  it('passes over cookies that others planted, and counts them', () => {
    const { manager } = setUp()
    const header = `${manager.name}=planted.x; ${pairOf(write(manager, 'token'))}`
    expect(manager.read(header, https)).toEqual({ value: 'token', resign: false, refused: 1 })
  })

  it('takes the same value twice for one', () => {
    const { manager } = setUp()
    const pair = pairOf(write(manager, 'token'))
    expect(manager.read(`${pair}; ${pair}`, https)).toMatchObject({ value: 'token' })
  })

  it('does not choose between two genuine values', () => {
    const { manager } = setUp()
    const header = `${pairOf(write(manager, 'one'))}; ${pairOf(write(manager, 'two'))}`
    expect(manager.read(header, https)).toEqual({ value: null, reason: 'ambiguous' })
  })

  it('asks for a new signature when an older key made it', () => {
    const before = setUp({}, { signer: createOpenSigner('old') })
    const { manager } = setUp({}, { signer: createOpenSigner('key', 'old') })
    const header = pairOf(write(before.manager, 'token'))
    expect(manager.read(header, https)).toEqual({ value: 'token', resign: true, refused: 0 })
  })

  it('refuses the signature of another name, another purpose or another value', () => {
    const { manager } = setUp({ name: 'sid' })
    const signed = pairOf(write(manager, 'token')).slice('sid='.length)
    const renamed = setUp({ name: 'sid2' }).manager
    const visitor = setUp({ name: 'sid' }, { role: visitorCookie }).manager
    const bad = { value: null, reason: 'bad-signature' }
    expect(renamed.read(`sid2=${signed}`, https)).toEqual(bad)
    expect(visitor.read(`sid=${signed}`, https)).toEqual(bad)
    expect(manager.read(`sid=x${signed}`, https)).toEqual(bad)
  })

  it('reads a cookie without signature as it is', () => {
    const { manager } = setUp({}, { role: csrfCookie, signer: null })
    const header = pairOf(write(manager, 'token'))
    expect(header).toBe('__Host-cloakroom-csrf=token')
    expect(manager.read(header, https)).toMatchObject({ value: 'token', resign: false })
  })
})

describe('CookieManager.write', () => {
  it('writes a browser session without any end, every time', () => {
    const { manager, clock } = setUp()
    const lines = [1, 2, 3, 4, 5].map(() => {
      clock.advance(60_000)
      return write(manager, 'token')
    })
    expect(lines.filter(line => /Max-Age|Expires/.test(line))).toEqual([])
  })

  it('writes the life that is left, every time', () => {
    const { manager, clock } = setUp()
    const expiresAt = clock.now() + 3_600_000
    const ages = [0, 1, 2, 3, 4].map(() => {
      clock.advance(60_000)
      return /Max-Age=(\d+)/.exec(manager.write('token', { client: https, expiresAt }))?.[1]
    })
    expect(ages).toEqual(['3540', '3480', '3420', '3360', '3300'])
  })

  it('cuts a longer life to 400 days', () => {
    const { manager } = setUp()
    const line = manager.write('token', { client: https, expiresAt: Number.MAX_SAFE_INTEGER })
    expect(line).toContain('; Max-Age=34560000;')
  })

  it('sets every attribute, and has nothing to say over https', () => {
    const { manager, warnings } = setUp()
    expect(write(manager, 'token')).toMatch(
      /^__Host-Http-cloakroom=token\.[\w-]+; Path=\/; Secure; HttpOnly; SameSite=Lax$/,
    )
    expect(warnings).toEqual([])
  })

  it('leaves a cookie for scripts readable', () => {
    const { manager } = setUp({}, { role: csrfCookie, signer: null })
    expect(write(manager, 'token')).toBe(
      '__Host-cloakroom-csrf=token; Path=/; Secure; SameSite=Lax',
    )
  })

  it('refuses a value that cookies cannot carry', () => {
    const { manager } = setUp()
    expect(() => write(manager, 'a; Domain=evil.test')).toThrow(/cookie\.value/)
    expect(() => write(manager, 'x'.repeat(4096))).toThrow(/4096/)
  })

  it('sends a Secure cookie over http all the same, and says once which setting to fix', () => {
    const { manager, warnings } = setUp()
    expect(write(manager, 'a', http)).toContain('; Secure')
    write(manager, 'b', http)
    expect(warnings).toEqual([
      {
        code: 'cookie-connection',
        level: 'warning',
        message: expect.stringContaining('`trustProxy`'),
      },
    ])
  })

  it('calls that an error in production, even after a loopback request', () => {
    const { manager, warnings } = setUp({}, { production: true })
    write(manager, 'a', local)
    write(manager, 'b', http)
    expect(warnings.map(each => each.level)).toEqual(['warning', 'error'])
    expect(warnings[0]?.message).toContain('`cookie.development`')
  })
})

describe('CookieManager in development', () => {
  it('uses a plain cookie on a loopback host only', () => {
    const { manager, warnings } = setUp({ development: true })
    const line = write(manager, 'token', local)
    expect(line).toMatch(/^cloakroom=token\.[\w-]+; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(manager.read(pairOf(line), local)).toMatchObject({ value: 'token' })
    expect(write(manager, 'token', https)).toContain('__Host-Http-cloakroom=')
    expect(write(manager, 'token', { ...local, isSecure: true })).toContain('; Secure')
    expect(manager.read(pairOf(line), https)).toEqual({ value: null, reason: 'none' })
    expect(manager.clear(local)[0]).not.toContain('Secure')
    expect(warnings.map(each => each.code)).toEqual(['cookie-development'])
  })
})

describe('CookieManager.clear', () => {
  it.each<CookieOptions>([
    {},
    { path: '/admin' },
    { domain: '.example.test' },
    { name: '__Host-sid' },
    { sameSite: 'none', partitioned: true },
    { secure: false },
  ])('takes the cookie of %j out of the browser', options => {
    const { manager } = setUp(options)
    const jar = new Map<string, string>()
    applyToJar(jar, write(manager, 'token'))
    expect(jar.size).toBe(1)
    for (const line of manager.clear(https)) applyToJar(jar, line)
    expect(jar.size).toBe(0)
  })

  it('repeats every attribute', () => {
    const { manager } = setUp({ path: '/admin', sameSite: 'none', partitioned: true })
    expect(manager.clear(https)).toEqual([
      '__Secure-cloakroom=; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Path=/admin; Secure; HttpOnly; SameSite=None; Partitioned',
    ])
  })

  it('takes legacy cookies out as well', () => {
    const earlier = setUp({ domain: 'example.test', path: '/app' }).manager
    const { manager } = setUp({ legacy: [{ domain: 'example.test', path: '/app' }] })
    const jar = new Map<string, string>()
    applyToJar(jar, write(earlier, 'token'))
    applyToJar(jar, write(manager, 'token'))
    for (const line of manager.clear(https)) applyToJar(jar, line)
    expect(jar.size).toBe(0)
  })
})

describe('CookieManager.clearEverywhere', () => {
  function places(manager: CookieManager, host: string | null): (string | undefined)[] {
    return manager
      .clearEverywhere({ ...https, host })
      .map(line => /(?:Domain=.*?; )?Path=[^;]*/.exec(line)?.[0])
  }

  it('covers every domain the host belongs to, and both paths', () => {
    const { manager } = setUp({ name: 'sid', path: '/app' })
    expect(places(manager, 'a.example.test:8443')).toEqual([
      'Path=/app',
      'Domain=a.example.test; Path=/',
      'Domain=a.example.test; Path=/app',
      'Domain=example.test; Path=/',
      'Domain=example.test; Path=/app',
    ])
  })

  it('says each thing once', () => {
    const { manager } = setUp({ name: 'sid', domain: 'example.test' })
    expect(places(manager, 'example.test')).toEqual(['Domain=example.test; Path=/'])
  })

  it('goes six domains deep at most', () => {
    const { manager } = setUp({ name: 'sid' })
    expect(places(manager, `${'a.'.repeat(50)}example.test`)).toHaveLength(6)
  })

  it.each([null, 'localhost', '127.0.0.1', '[::1]:80', 'a_b.example.test', 'example.test.'])(
    'adds nothing for the host %s',
    host => {
      expect(places(setUp({ name: 'sid' }).manager, host)).toEqual(['Path=/'])
    },
  )

  it('adds nothing for a name that no other host can set', () => {
    expect(places(setUp().manager, 'app.example.test')).toEqual(['Path=/'])
  })
})

describe('createCookieManager', () => {
  it('tells name and path', () => {
    expect(setUp({ path: '/app' }).manager).toMatchObject({
      name: '__Secure-cloakroom',
      path: '/app',
    })
  })
})
