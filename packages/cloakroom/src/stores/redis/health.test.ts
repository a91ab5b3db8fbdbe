import { afterEach, describe, expect, it } from 'vitest'
import { redisClients } from '../../../../../test/support/redis-clients.ts'
import {
  findFreePort,
  type RedisServer,
  type RedisServerOptions,
  startRedis,
} from '../../../../../test/support/redis-server.ts'
import { StoreError } from '../../core/errors.ts'
import { checkHealth, type RedisHealth } from './health.ts'
import { createScriptRunner } from './script.ts'

const servers: RedisServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

describe.each(redisClients)('checkHealth with $name', ({ connect }) => {
  async function check(url: string): Promise<RedisHealth> {
    const { client, close } = connect(url)
    try {
      return await checkHealth(createScriptRunner(client))
    } finally {
      close()
    }
  }

  it('tells version, role, eviction policy and persistence', async () => {
    const health = await check(await start({ appendOnly: true }))
    expect(health).toMatchObject({
      ok: true,
      version: expect.stringMatching(/^\d+\.\d+\.\d+$/),
      role: 'master',
      maxmemoryPolicy: 'noeviction',
      persistence: 'log',
      warnings: [],
    })
    expect(health.latencyMs).toBeGreaterThanOrEqual(0)
  })

  it('tells how full it is, and how far its clock is off', async () => {
    const health = await check(await start({ args: ['--maxmemory', '100mb'] }))
    expect(health.usedMemoryBytes).toBeGreaterThan(100_000)
    expect(health).toMatchObject({ maxMemoryBytes: 104_857_600, evictedKeys: 0 })
    expect(Math.abs(health.clockSkewMs ?? Number.NaN)).toBeLessThan(1000)
    const { client, close } = connect(servers.at(-1)?.url ?? '')
    const late = { now: () => Date.now() - 60_000 }
    const { warnings } = await checkHealth(createScriptRunner(client), late)
    expect(warnings.join()).toContain('60 seconds apart')
    close()
  })

  it('warns of an eviction policy that ends sessions', async () => {
    const health = await check(await start({ args: ['--maxmemory-policy', 'allkeys-lru'] }))
    expect(health.ok).toBe(true)
    expect(health.warnings.join()).toContain('`maxmemory-policy` is allkeys-lru')
  })

  it('warns when a restart would sign everybody out', async () => {
    expect((await check(await start())).warnings.join()).toContain('Nothing is written to disk')
  })

  it('finds the policy where CONFIG is forbidden', async () => {
    const health = await check(await start({ args: userRules('-config') }))
    expect(health).toMatchObject({ ok: true, maxmemoryPolicy: 'noeviction', persistence: null })
  })

  it('knows nothing, but is well, where INFO is forbidden too', async () => {
    const health = await check(await start({ args: userRules('-config', '-info') }))
    expect(health).toMatchObject({ ok: true, version: null, role: null, warnings: [] })
  })

  it('is not well with a replica', async () => {
    const args = ['--replicaof', '127.0.0.1', String(await findFreePort())]
    const health = await check(await start({ args }))
    expect(health.ok).toBe(false)
    expect(health.warnings.join()).toMatch(/replica|MASTERDOWN/)
  })

  it('is not well without a server, and does not throw', async () => {
    const health = await check(`redis://127.0.0.1:${await findFreePort()}`)
    expect(health).toMatchObject({ ok: false, version: null })
    expect(health.warnings).toHaveLength(1)
  })
})

describe('checkHealth', () => {
  it('warns of a server that is too old', async () => {
    const command = async (_key: string | null, [name]: readonly (string | Uint8Array)[]) =>
      name === 'INFO' ? Buffer.from('redis_version:6.0.16\r\nrole:master\r\n') : null
    const health = await checkHealth({ command })
    expect(health.warnings).toEqual(['The server is version 6.0.16. Upgrade it to 6.2 or later.'])
  })

  it('is not well with a server that is lost while it is asked', async () => {
    const command = async (_key: string | null, [name]: readonly (string | Uint8Array)[]) => {
      if (name === 'PING') return null
      throw new StoreError('ERR_STORE_TIMEOUT', 'It did not answer. Retry later.')
    }
    const health = await checkHealth({ command })
    expect(health).toMatchObject({ ok: false, warnings: ['It did not answer. Retry later.'] })
  })

  it('lets through what is no failure of the server, since it must be mended', async () => {
    const command = async () => {
      throw new RangeError('broken')
    }
    await expect(checkHealth({ command })).rejects.toThrow(RangeError)
  })
})

function userRules(...rules: string[]): string[] {
  return ['--user', 'default', 'on', 'nopass', '~*', '&*', '+@all', ...rules]
}

async function start(options: RedisServerOptions = {}): Promise<string> {
  const server = await startRedis(options)
  servers.push(server)
  return server.url
}
