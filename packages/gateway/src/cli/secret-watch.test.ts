import { ConfigError, type SecretName } from 'cloakroom'
import { describe, expect, it } from 'vitest'
import type { GatewayConfig } from '../config/config.ts'
import { watchSecrets } from './secret-watch.ts'

describe('watchSecrets', () => {
  it('takes over what changes, and says once what cannot be', async () => {
    const lines: string[] = []
    const print = (line: string) => lines.push(line)
    let secret = 'old'
    let held = 'old'
    const gateway = {
      async reloadSecrets(config: GatewayConfig): Promise<readonly SecretName[]> {
        if (config.secret === 'weak') throw new ConfigError('ERR_SECRET_WEAK', 'It is weak.')
        if (config.secret === held) return []
        held = String(config.secret)
        return ['secret']
      },
    }
    const terminal = {
      print,
      warn: print,
      env: {},
      folder: '/',
      stopped: Promise.resolve(),
      lookEveryMs: 2,
    }
    const stop = watchSecrets(gateway, terminal, async () => ({ secret }))
    secret = 'new'
    await expect.poll(() => held).toBe('new')
    secret = 'weak'
    await expect.poll(() => lines.length).toBe(2)
    secret = 'newer'
    await expect.poll(() => held).toBe('newer')
    stop()
    expect(lines).toEqual([
      '  New secrets           secret',
      'It is weak.',
      '  New secrets           secret',
    ])
  })
})
