import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { SessionManagerOptions } from '../../packages/cloakroom/src/sessions/manager.ts'
import {
  createSessionGround,
  type GroundData,
  groundSecret,
  type SessionGround,
} from '../support/session-ground.ts'

const canaries = {
  user: 'canary.user@example.test',
  role: 'canary-role',
  permission: 'canary:permission',
  tenant: 'canary-tenant',
  address: '203.0.113.77',
  longAddress: '2001:db8::ca4a',
  userAgent: 'CanaryBrowser/7.7 (CanarySystem)',
  data: 'canary data that is written down',
  secret: groundSecret,
}

let ground: SessionGround
beforeAll(async () => {
  ground = await createSessionGround()
})
afterAll(() => ground.close())

/** Everything a session can go through. Gives every token that was issued on the way. */
async function work(options: Partial<SessionManagerOptions<GroundData>>): Promise<string[]> {
  const sessions = ground.managerWith(options)
  const user = {
    id: canaries.user,
    role: canaries.role,
    permissions: [canaries.permission],
    tenant: canaries.tenant,
  }
  const source = { ip: canaries.address, userAgent: canaries.userAgent }
  const data = { note: canaries.data, list: [canaries.data, new Map([[canaries.data, 1]])] }
  const visitor = await sessions.create(null, { data, source })
  const first = await sessions.create(user, { data, source, previous: visitor.session })
  const plain = await sessions.rotate(first.session, { source })
  const raised = await sessions.rotate(plain.session, { methods: ['canary-method'], source })
  const saved = await sessions.update(raised.session, old => ({ ...old, more: canaries.data }))
  await sessions.renew(saved)
  const others = []
  for (let count = 0; count < 5; count += 1) {
    const from = { ip: canaries.longAddress, userAgent: canaries.userAgent }
    others.push(await sessions.create(user, { source: from, remember: true, data }))
  }
  await sessions.revokeOthers(others[2]?.session ?? saved)
  await sessions.raiseEpoch({ tenant: 'canary-other-tenant' })
  await sessions.raiseEpoch({ address: canaries.address })
  const last = await sessions.create(user, { source, data })
  await sessions.list(canaries.user, last.session)
  return [visitor, first, plain, raised, ...others, last].map(({ token }) => token)
}

/** Every key and value of Redis, in all the forms in which somebody might read them. */
async function readAll(): Promise<{ bytes: Buffer; keys: string[]; withoutEnd: string[] }> {
  const parts: Buffer[] = []
  const keys: string[] = []
  const withoutEnd: string[] = []
  let cursor = '0'
  do {
    const reply = (await ground.command('SCAN', cursor, 'COUNT', '1000')) as [Buffer, Buffer[]]
    cursor = reply[0].toString()
    keys.push(...reply[1].map(String))
  } while (cursor !== '0')
  for (const key of keys) {
    const type = String(await ground.command('TYPE', key))
    const readers: Record<string, string[]> = {
      string: ['GET', key],
      hash: ['HGETALL', key],
      zset: ['ZRANGE', key, '0', '-1', 'WITHSCORES'],
    }
    const [name = '', ...args] = readers[type] ?? []
    const contents = [await ground.command(name, ...args), await ground.command('DUMP', key)]
    parts.push(Buffer.from(key), ...contents.flat().map(part => Buffer.from(part as Uint8Array)))
    if (Number(await ground.command('PTTL', key)) < 0) withoutEnd.push(key)
  }
  return { bytes: Buffer.concat(parts), keys, withoutEnd }
}

/** A text as it might stand somewhere: as it is, in hexadecimal, and in base64 at any offset. */
function formsOf(text: string): Buffer[] {
  const hex = Buffer.from(text).toString('hex')
  const base64 = [0, 1, 2].flatMap(offset => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)])
    // What stands at the edges depends on the neighbours.
    const inner = bytes.toString('base64').slice(offset === 0 ? 0 : 4, -4)
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')]
  })
  const texts = [text, hex, hex.toUpperCase(), ...base64]
  return [...texts.map(form => Buffer.from(form)), Buffer.from(text, 'utf16le')]
}

const settings: Partial<SessionManagerOptions<GroundData>>[] = (
  ['fernet', 'aes-256-gcm'] as const
).flatMap(cipher => (['server', 'ticket'] as const).map(seal => ({ cipher, session: { seal } })))

describe.each(settings)('a copy of Redis, with $cipher for the $session.seal', options => {
  let tokens: string[]
  let all: Awaited<ReturnType<typeof readAll>>
  beforeAll(async () => {
    await ground.clear()
    tokens = await work(options)
    all = await readAll()
  })

  it('holds sessions, former tokens, an index and epochs', () => {
    const kinds = new Set(all.keys.map(key => /\}(.)/.exec(key)?.[1] ?? key))
    expect(kinds).toEqual(new Set(['s', 'r', 'i', 'e', 'cr:epochs']))
  })

  it.each(Object.entries(canaries))('tells no %s', (_name, canary) => {
    const found = formsOf(canary).filter(form => all.bytes.includes(form))
    expect(found).toEqual([])
  })

  it('tells neither the name of the browser nor how the user signed in', () => {
    const found = ['Canary', 'canary', 'Mozilla', 'pwd'].filter(text => all.bytes.includes(text))
    expect(found).toEqual([])
  })

  it('tells no token, nor the secret half of one', () => {
    for (const token of tokens) {
      const secret = token.slice(22)
      const forms = [...formsOf(token), ...formsOf(secret), Buffer.from(secret, 'base64url')]
      expect(forms.filter(form => all.bytes.includes(form))).toEqual([])
    }
  })

  it('gives up every key in time', () => {
    expect(all.withoutEnd).toEqual([])
  })

  it('finds a canary where there is one', async () => {
    await ground.command('SET', 'canary', Buffer.from(`x${canaries.data}x`).toString('base64'))
    const { bytes } = await readAll()
    expect(formsOf(canaries.data).filter(form => bytes.includes(form))).not.toEqual([])
    await ground.command('DEL', 'canary')
  })
})

describe('what may be logged', () => {
  it('tells no token in events, nor in what the manager gives out', async () => {
    await ground.clear()
    const tokens = await work({})
    const sessions = ground.managerWith()
    const logged = JSON.stringify([
      ground.events,
      await sessions.list(canaries.user),
      await sessions.scan(),
    ])
    expect(tokens.filter(token => logged.includes(token.slice(22)))).toEqual([])
    expect(logged).not.toContain(canaries.data)
  })
})
