import { describe, expect, it } from 'vitest'
import type { GatewayConfig } from './config.ts'
import { createJsonSchema } from './schema.ts'
import { resolveSettings } from './settings.ts'

const dev: GatewayConfig = { to: 'http://localhost:8501', dev: true }
const secret = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const production: GatewayConfig = {
  to: 'http://localhost:8501',
  origin: 'https://app.example',
  redis: 'redis://localhost:6379',
  secret,
  cookieSecret: secret,
  accounts: { url: 'postgres://localhost/app' },
  mail: { url: 'smtps://mail.example', from: 'a@app.example' },
}

describe('resolveSettings', () => {
  it('gives every setting of an app a value', () => {
    expect(resolveSettings(dev).apps).toEqual([
      {
        name: 'app',
        base: '',
        isStripped: false,
        upstreams: [new URL('http://localhost:8501')],
        rules: [{ path: '/**', allow: 'signed-in' }],
        aliases: {},
        hasWatcher: false,
        health: false,
        resume: null,
        responseMs: 120_000,
        uploadMs: 60_000,
        handshakeMs: 10_000,
      },
    ])
  })

  it('takes from the preset what is not said', () => {
    const [app] = resolveSettings({ ...dev, preset: 'streamlit' }).apps
    expect(app).toMatchObject({ hasWatcher: true, health: '/_stcore/health' })
    expect(app?.rules[0]).toEqual({ path: ['/_stcore/metrics'], allow: 'nobody' })
    const [grafana] = resolveSettings({ ...dev, preset: 'grafana' }).apps
    expect(grafana?.aliases).toEqual({ 'X-WEBAUTH-USER': 'email', 'X-WEBAUTH-NAME': 'name' })
  })

  it('lets everything of a preset be said otherwise', () => {
    const own = { closed: [], watcher: false, health: '/up', headers: {} } as const
    const [app] = resolveSettings({ ...dev, preset: 'streamlit', ...own }).apps
    expect(app).toMatchObject({ hasWatcher: false, health: '/up', aliases: {} })
    expect(app?.rules).toEqual([{ path: '/**', allow: 'signed-in' }])
  })

  it.each([
    [false, '/apps/one/_stcore/health'],
    [true, '/_stcore/health'],
  ])('asks an app how it is where it is found (stripped: %s)', (stripPath, health) => {
    const given = { ...dev, preset: 'streamlit', path: '/apps/one', stripPath } as const
    expect(resolveSettings(given).apps[0]?.health).toBe(health)
  })

  it('looks for the app with the longest path first', () => {
    const apps = [
      { to: 'http://a.example' },
      { to: 'http://b.example', path: '/apps/two' },
      { to: 'http://c.example', path: '/apps' },
    ]
    const { apps: found } = resolveSettings({ dev: true, apps })
    expect(found.map(({ base, name }) => [base, name])).toEqual([
      ['/apps/two', 'apps-two'],
      ['/apps', 'apps'],
      ['', 'app'],
    ])
  })

  it('is found by both names of this machine while developing', () => {
    expect(resolveSettings({ ...dev, listen: { port: 1234 } }).origins).toEqual([
      'http://localhost:1234',
      'http://127.0.0.1:1234',
    ])
  })

  it('takes what is safe for production', () => {
    expect(resolveSettings(production)).toMatchObject({ isDev: false, registration: 'closed' })
  })

  it.each<[string, GatewayConfig]>([
    ['origin', { ...production, origin: 'http://app.example' }],
    ['redis', { ...production, redis: undefined }],
    ['secret', { ...production, secret: undefined }],
    ['secret', { ...production, secret: [secret, ''] }],
    ['cookieSecret', { ...production, cookieSecret: undefined }],
    ['accounts', { ...production, accounts: undefined }],
    ['mail', { ...production, mail: undefined }],
    ['listen.host', { ...dev, listen: { host: '0.0.0.0' } }],
    ['origin', { ...dev, origin: 'http://app.example' }],
  ])('refuses to run without a safe `%s`', (name, config) => {
    expect(() => resolveSettings(config)).toThrow(`\`${name}\``)
  })

  it('names everything that is not safe at once', () => {
    expect(() => resolveSettings({ to: 'http://localhost:8501' })).toThrow(
      /origin.*\n.*redis.*\n.*secret.*\n.*cookieSecret.*\n.*accounts.*\n.*mail.*\n.*--dev/,
    )
  })

  it.each<[string, object]>([
    ['`too` is not a setting', { ...dev, too: 1 }],
    ['`listen.prot` is not a setting', { ...dev, listen: { prot: 1 } }],
    [
      '`rules.0.alow` is not a setting',
      { ...dev, rules: [{ path: '/', alow: 'public', allow: 'public' }] },
    ],
    ['`rules.0.allow`', { ...dev, rules: [{ path: '/', allow: 'everybody' }] }],
    ['`rules.0.path`', { ...dev, rules: [{ path: 'admin', allow: 'public' }] }],
    ['`rules.0.methods.0`', { ...dev, rules: [{ path: '/', methods: ['get'], allow: 'public' }] }],
    ['`preset`', { ...dev, preset: 'shiny' }],
    ['`to`', { dev: true, to: 'ftp://app.example' }],
    ['`to`', { dev: true, to: 'http://app.example/path' }],
    ['`to`', { dev: true, to: 'http://user:word@app.example' }],
    ['`to` is missing', { dev: true }],
    ['`to` and `apps`', { ...dev, apps: [{ to: 'http://a.example' }] }],
    ['`path`', { ...dev, path: '/a/' }],
    ['`path`', { ...dev, path: '/a//b' }],
    [
      'the path `/`',
      { dev: true, apps: [{ to: 'http://a.example' }, { to: 'http://b.example', name: 'b' }] },
    ],
    [
      'the name `a`',
      {
        dev: true,
        apps: [
          { to: 'http://a.example', name: 'a' },
          { to: 'http://b.example', name: 'a', path: '/b' },
        ],
      },
    ],
    ['`origin`', { ...dev, origin: 'http://localhost/' }],
    ['`timeouts.response`', { ...dev, timeouts: { response: '1ms' } }],
    ['`timeouts.handshake`', { ...dev, timeouts: { handshake: 'soon' } }],
  ])('refuses a configuration, naming %s', (name, config) => {
    expect(() => resolveSettings(config as GatewayConfig)).toThrow(name)
  })
})

describe('createJsonSchema', () => {
  it('is what is published for editors', async () => {
    const text = `${JSON.stringify(createJsonSchema(), null, 2)}\n`
    await expect(text).toMatchFileSnapshot('../../../../docs/cloakroom.schema.json')
  })
})
