import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { listVariables } from './environment.ts'
import { type LoadOptions, loadConfig } from './load.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cloakroom-config-'))
})
afterEach(() => rm(folder, { recursive: true }))

const write = (name: string, text: string): Promise<void> => writeFile(join(folder, name), text)
const load = async (options: Partial<LoadOptions> = {}) =>
  (await loadConfig({ folder, env: {}, ...options })).config

describe('loadConfig', () => {
  it('reads YAML', async () => {
    await write('cloakroom.yaml', 'to: http://a.example\nlisten:\n  port: 81\n')
    expect(await load()).toEqual({ to: 'http://a.example', listen: { port: 81 } })
  })

  it('reads TypeScript', async () => {
    const text = `
      interface Port { port: number }
      const listen: Port = { port: 81 }
      export default { to: 'http://a.example', listen }`
    await write('cloakroom.config.ts', text)
    expect(await load()).toEqual({ to: 'http://a.example', listen: { port: 81 } })
  })

  it('reads the file that is named, by flag or variable', async () => {
    await write('other.yaml', 'to: http://other.example')
    const expected = { to: 'http://other.example' }
    expect(await load({ file: 'other.yaml' })).toEqual(expected)
    expect(await load({ env: { CLOAKROOM_CONFIG: 'other.yaml' } })).toEqual(expected)
  })

  it('puts variables over the file, and flags over variables', async () => {
    await write('cloakroom.yaml', 'to: http://file.example\nlisten: { host: "::1", port: 1 }\n')
    const env = { CLOAKROOM_TO: 'http://env.example', CLOAKROOM_LISTEN_PORT: '2' }
    expect(await load({ env })).toEqual({
      to: 'http://env.example',
      listen: { host: '::1', port: 2 },
    })
    expect(await load({ env, flags: { listen: { port: 3 } } })).toEqual({
      to: 'http://env.example',
      listen: { host: '::1', port: 3 },
    })
  })

  it('takes variables that all of Cloakroom knows for what is left open', async () => {
    await write('cloakroom.yaml', 'redis: redis://file')
    const env = { REDIS_URL: 'redis://env', SESSION_SECRET_KEY: 'new, old' }
    expect(await load({ env })).toEqual({ redis: 'redis://file', secret: ['new', 'old'] })
  })

  it('reads secrets from files', async () => {
    await write('secret', 'from a file\n')
    expect(await load({ env: { CLOAKROOM_SECRET_FILE: join(folder, 'secret') } })).toEqual({
      secret: 'from a file',
    })
  })

  it.each<[string, Record<string, string>, unknown]>([
    ['a number', { CLOAKROOM_LISTEN_PORT: '81' }, { listen: { port: 81 } }],
    ['yes or no', { CLOAKROOM_DEV: 'true' }, { dev: true }],
    [
      'a list',
      { CLOAKROOM_TRUST_PROXY: '10.0.0.0/8,loopback' },
      { trustProxy: ['10.0.0.0/8', 'loopback'] },
    ],
    ['a list of one', { CLOAKROOM_TRUST_PROXY: 'loopback' }, { trustProxy: ['loopback'] }],
    ['a duration', { CLOAKROOM_SESSION_IDLE: '30m' }, { session: { idle: '30m' } }],
    [
      'one of several forms',
      { CLOAKROOM_ACCOUNTS_FOLDER: 'data' },
      { accounts: { folder: 'data' } },
    ],
    ['nothing', { CLOAKROOM_TO: '' }, {}],
  ])('reads %s from a variable', async (_what, env, expected) => {
    expect(await load({ env })).toEqual(expected)
  })

  it.each<[string, Record<string, string>]>([
    [
      'environment.CLOAKROOM_LISTEN_PROT` is not a setting. Did you mean `CLOAKROOM_LISTEN_PORT`',
      { CLOAKROOM_LISTEN_PROT: '1' },
    ],
    ['CLOAKROOM_LISTEN_PORT` must be a number', { CLOAKROOM_LISTEN_PORT: 'high' }],
    ['CLOAKROOM_DEV` must be a boolean', { CLOAKROOM_DEV: 'maybe' }],
    ['are both set', { CLOAKROOM_SECRET: 'a', CLOAKROOM_SECRET_FILE: 'b' }],
    ['cannot be read', { CLOAKROOM_SECRET_FILE: '/nowhere/at/all' }],
  ])('refuses a variable: %s', async (message, env) => {
    await expect(load({ env })).rejects.toThrow(message)
  })

  it.each([
    [
      'several',
      { 'cloakroom.yaml': 'to: a', 'cloakroom.config.ts': 'export default {}' },
      'several',
    ],
    ['broken YAML', { 'cloakroom.yaml': '{' }, 'cannot be read'],
    ['YAML that is a list', { 'cloakroom.yaml': '- to' }, 'no configuration'],
    ['a program that fails', { 'cloakroom.config.ts': 'throw new Error("so")' }, 'so'],
    ['a setting that is not known', { 'cloakroom.yaml': 'too: 1' }, '`too`'],
  ])('refuses %s', async (_what, files, message) => {
    for (const [name, text] of Object.entries(files)) await write(name, text)
    await expect(load()).rejects.toThrow(message)
  })

  it('leaves alone what others say by such names: programs at the data API, and Kubernetes', async () => {
    const env = {
      CLOAKROOM_URL: 'http://cloakroom:8080',
      CLOAKROOM_SERVICE_HOST: '10.96.0.7',
      CLOAKROOM_SERVICE_PORT_HTTP: '8080',
      CLOAKROOM_PORT: 'tcp://10.96.0.7:8080',
      CLOAKROOM_PORT_8080_TCP_ADDR: '10.96.0.7',
      CLOAKROOM_REDIS_SERVICE_HOST: '10.96.0.8',
    }
    expect(await load({ env })).toEqual({})
  })

  it('gives nothing where there is nothing', async () => {
    expect(await loadConfig({ folder, env: {} })).toEqual({ config: {}, file: null })
  })
})

describe('listVariables', () => {
  it('has one for every setting that is no list of objects', () => {
    const names = listVariables().map(({ name }) => name)
    expect(names).toContain('CLOAKROOM_OIDC_CLIENT_SECRET')
    expect(names).toContain('CLOAKROOM_ACCOUNTS_URL')
    expect(names.filter(name => /RULES|APPS|HEADERS/.test(name))).toEqual([])
    expect(new Set(names).size).toBe(names.length)
  })
})
