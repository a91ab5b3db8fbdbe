import { createManualClock } from 'cloakroom/testing'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { createIdentity } from './identity.ts'
import { createIdentityTokens } from './identity-token.ts'
import { createGatewayKeys } from './keys.ts'
import type { Person } from './person.ts'
import { createSessionHandles } from './session-handle.ts'

const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const newer = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'
const issuer = 'https://app.example'
const ada: Person = {
  id: 'u1',
  email: 'ada@example.org',
  name: 'Ada Łovelace 100%',
  roles: ['user', 'guest'],
  sessionId: 's1',
}

async function makeIdentity(secrets: readonly [string, ...string[]] = [secret]) {
  const clock = createManualClock()
  const keys = createGatewayKeys(secrets)
  const tokens = await createIdentityTokens({ signing: keys.signing, issuer, clock })
  const handles = createSessionHandles(keys)
  const aliases = { 'X-WEBAUTH-USER': 'email' } as const
  const identity = createIdentity({ app: 'board', aliases, tokens, handles })
  const check = (token: string, from = tokens) =>
    jwtVerify(token, createLocalJWKSet(from.keys), {
      issuer,
      audience: 'board',
      currentDate: new Date(clock.now()),
    })
  return { clock, keys, tokens, handles, identity, check }
}

describe('createIdentity', () => {
  it('gives the whole set, in ASCII', async () => {
    const { identity, handles } = await makeIdentity()
    expect(await identity.headersFor(ada)).toEqual({
      'x-cloakroom-user': 'u1',
      'x-cloakroom-email': 'ada@example.org',
      'x-cloakroom-name': 'Ada %C5%81ovelace 100%25',
      'x-cloakroom-roles': 'user,guest',
      'x-cloakroom-session': handles.issue('board', 's1'),
      'x-cloakroom-jwt': expect.stringMatching(/^ey/),
      'x-webauth-user': 'ada@example.org',
    })
  })

  it('gives the whole set for a visitor too, empty', async () => {
    const { identity } = await makeIdentity()
    const headers = await identity.headersFor(null)
    expect(Object.keys(headers)).toHaveLength(7)
    expect(Object.values(headers).join('')).toBe('')
  })

  it('signs who somebody is, for one app and a few minutes', async () => {
    const { identity, check, clock, tokens } = await makeIdentity()
    const { 'x-cloakroom-jwt': token = '' } = await identity.headersFor(ada)
    const { payload, protectedHeader } = await check(token)
    expect(payload).toMatchObject({ sub: 'u1', email: ada.email, name: ada.name, sid: 's1' })
    expect(protectedHeader).toMatchObject({ alg: 'EdDSA', kid: tokens.keys.keys[0]?.kid })
    expect(JSON.stringify(tokens.keys)).not.toContain('"d"')
    clock.advance(301_000)
    await expect(check(token)).rejects.toThrow('"exp"')
  })

  it('signs anew after a minute, and for changed facts', async () => {
    const { tokens, clock } = await makeIdentity()
    const first = await tokens.issue(ada, 'board')
    expect(await tokens.issue(ada, 'board')).toBe(first)
    expect(await tokens.issue({ ...ada, roles: ['admin'] }, 'board')).not.toBe(first)
    clock.advance(60_000)
    expect(await tokens.issue(ada, 'board')).not.toBe(first)
  })

  it('keeps keys of older secrets for those who check', async () => {
    const before = await makeIdentity([secret])
    const after = await makeIdentity([newer, secret])
    const token = await before.tokens.issue(ada, 'board')
    await expect(after.check(token)).resolves.toBeDefined()
    expect((await makeIdentity([secret])).tokens.keys).toEqual(before.tokens.keys)
  })
})

describe('createSessionHandles', () => {
  it('opens what was issued to the same app', async () => {
    const { handles } = await makeIdentity()
    const handle = handles.issue('board', 's1')
    expect(handles.open('board', handle)).toBe('s1')
    expect(handles.open('other', handle)).toBeNull()
    expect(handles.open('board', `s2${handle.slice(2)}`)).toBeNull()
    expect(handles.open('board', 's1')).toBeNull()
    expect(handles.open('board', '')).toBeNull()
  })

  it('opens what was issued under an older secret', async () => {
    const handle = (await makeIdentity([secret])).handles.issue('board', 's1')
    expect((await makeIdentity([newer, secret])).handles.open('board', handle)).toBe('s1')
    expect((await makeIdentity([newer])).handles.open('board', handle)).toBeNull()
  })
})
