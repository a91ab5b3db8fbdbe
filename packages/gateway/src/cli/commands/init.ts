import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError } from 'cloakroom'
import { stringify } from 'yaml'
import { presets } from '../../config/presets.ts'
import { textOf, type Verb } from '../verb.ts'

/** Writes a configuration to begin with. */
export const init: Verb = {
  summary: 'Writes cloakroom.yaml, and .env with new keys',
  args: {
    to: { type: 'string', description: 'Where the app is', valueHint: 'url' },
    preset: { type: 'string', description: Object.keys(presets).join(', ') },
    origin: { type: 'string', description: 'Where browsers will find it', valueHint: 'url' },
  },
  async run(args, { folder, print }) {
    const config = {
      to: textOf(args, 'to') ?? 'http://localhost:8501',
      preset: textOf(args, 'preset') ?? 'generic',
      origin: textOf(args, 'origin') ?? 'https://app.example.org',
      trustProxy: ['loopback'],
      accounts: { url: 'postgres://cloakroom@localhost/cloakroom' },
      mail: { url: 'smtps://user:password@mail.example.org', from: 'App <noreply@example.org>' },
      admin: { email: 'admin@example.org' },
      rules: [{ path: '/**', allow: 'signed-in' }],
    }
    await write(join(folder, 'cloakroom.yaml'), stringify(config))
    await write(join(folder, '.env'), environment())
    print('Written: cloakroom.yaml and .env. Keep .env out of version control.')
    print('Next: fill in what is yours, then `cloakroom check`.')
    return 0
  },
}

function environment(): string {
  return [
    'REDIS_URL=redis://localhost:6379',
    `SESSION_SECRET_KEY=${randomBytes(33).toString('base64')}`,
    `COOKIE_SECRET_KEY=${randomBytes(33).toString('base64')}`,
    '',
  ].join('\n')
}

/** For the owner's eyes only, and never over what is there. */
async function write(path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, { flag: 'wx', mode: 0o600 })
  } catch (cause) {
    const reason = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST'
    const message = reason ? `${path} is there already.` : `${path} cannot be written.`
    throw new ConfigError('ERR_OPTION_INVALID', message, { cause })
  }
}
