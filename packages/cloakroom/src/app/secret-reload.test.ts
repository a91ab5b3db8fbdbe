import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { SecurityEvent } from '../events/event.ts'
import { type Cloakroom, createCloakroom } from './cloakroom.ts'

const january = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const february = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'
const march = 'kP8sXn3vTq6wZb1yRd5gLm9hCj4fUe7a'

describe('secrets in files', () => {
  let folder: string
  let cloakroom: Cloakroom
  let events: SecurityEvent[]
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cloakroom-secrets-'))
    await write('session', january)
    await write('cookie', january)
    events = []
  })
  afterEach(async () => {
    vi.restoreAllMocks()
    cloakroom.close()
    await rm(folder, { recursive: true })
  })

  const write = (name: string, text: string) => writeFile(join(folder, name), `${text}\n`)

  function open(options: Parameters<typeof createCloakroom>[0] = {}): void {
    const env = {
      SESSION_SECRET_KEY_FILE: join(folder, 'session'),
      COOKIE_SECRET_KEY_FILE: join(folder, 'cookie'),
    }
    cloakroom = createCloakroom({ env, audit: false, auditTrail: true, ...options })
    cloakroom.events.on('secrets_changed', event => events.push(event))
  }

  it('are read again when asked for, and whoever is signed in stays so', async () => {
    open()
    const { token } = await cloakroom.sessions.create({ id: 'alice' })
    const [old] = (await cloakroom.sessions.countPage()).ring
    await write('session', `${february},${january}`)
    expect(cloakroom.reloadSecrets()).toEqual(['secret'])
    expect(cloakroom.reloadSecrets()).toEqual([])
    const [newest, older] = (await cloakroom.sessions.countPage()).ring
    expect(older).toBe(old)
    expect(events).toEqual([
      expect.objectContaining({
        reason: 'secret',
        details: { before: old, after: `${newest} ${old}` },
      }),
    ])
    const read = await cloakroom.sessions.validate(token)
    expect(read.state).toBe('valid')
    const { session } = await cloakroom.sessions.create({ id: 'alice' })
    expect((await cloakroom.sessions.list('alice', session)).length).toBe(2)
  })

  it('are looked at every now and then', async () => {
    open({ reloadSecrets: '100ms' })
    await write('cookie', february)
    await expect.poll(() => events.map(event => event.reason)).toEqual(['cookieSecret'])
  })

  it('stay in use when a file holds nothing good, and a warning says so once', async () => {
    const warn = vi.spyOn(process, 'emitWarning').mockReturnValue()
    open({ reloadSecrets: '100ms' })
    await write('cookie', february)
    await write('session', 'half')
    await expect.poll(() => warn.mock.calls.length).toBe(1)
    expect(String(warn.mock.calls[0]?.[0])).toMatch(/SESSION_SECRET_KEY/)
    expect(events).toEqual([])
    expect(() => cloakroom.reloadSecrets()).toThrow(/SESSION_SECRET_KEY/)
  })

  it('count for nothing where an option gives the secret', () => {
    open({ secret: march })
    expect(cloakroom.reloadSecrets()).toEqual([])
  })

  it('are not looked at where that is switched off', () => {
    const timers = vi.spyOn(globalThis, 'setInterval')
    open({ reloadSecrets: false })
    expect(timers).not.toHaveBeenCalled()
  })
})

describe('reloadSecrets', () => {
  it('changes all that is given, or nothing', () => {
    const cloakroom = createCloakroom({
      secret: january,
      cookieSecret: january,
      audit: false,
      env: {},
    })
    const half = { secret: february, cookieSecret: 'weak' }
    expect(() => cloakroom.reloadSecrets(half)).toThrow(/cookieSecret/)
    expect(cloakroom.reloadSecrets({ cookieSecret: february })).toEqual(['cookieSecret'])
    expect(cloakroom.reloadSecrets({ secret: february, auditSecret: march })).toEqual(['secret'])
    cloakroom.close()
  })

  it('gives the audit trail its own, where it has one', async () => {
    const env = { AUDIT_SECRET_KEY: march }
    const cloakroom = createCloakroom({ env, audit: false, auditTrail: true })
    await cloakroom.sessions.create({ id: 'alice' })
    expect(cloakroom.reloadSecrets({ secret: february })).toEqual(['secret'])
    await cloakroom.auditTrail?.flush()
    expect(await cloakroom.auditTrail?.verify()).toMatchObject({ ok: true, unverifiable: 0 })
    expect(cloakroom.reloadSecrets({ auditSecret: january })).toEqual(['auditSecret'])
    expect(await cloakroom.auditTrail?.verify()).toMatchObject({ ok: true, unverifiable: 2 })
    cloakroom.close()
  })
})
