import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../core/errors.ts'
import { type Environment, readEnvironment } from './environment.ts'

const january = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const february = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'

function failure(env: Environment): ConfigError {
  try {
    readEnvironment(env)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('The environment was accepted.')
}

describe('readEnvironment', () => {
  it('gives the defaults for an empty environment', () => {
    expect(readEnvironment({})).toEqual({
      redisUrl: undefined,
      sessionSecrets: undefined,
      cookieSecrets: undefined,
      cookieDomain: undefined,
      sessionTimeoutMs: 3_600_000,
      csrfTimeoutMs: 1_800_000,
      maxSessionsPerUser: 5,
    })
  })

  it('reads every variable, seconds as milliseconds', () => {
    const env = {
      REDIS_URL: 'rediss://user:pass@redis.internal:6380/2',
      SESSION_SECRET_KEY: january,
      COOKIE_SECRET_KEY: february,
      COOKIE_DOMAIN: 'example.com',
      SESSION_TIMEOUT: '7200',
      CSRF_TIMEOUT: '600',
      MAX_SESSIONS_PER_USER: '3',
      PATH: '/usr/bin',
    }
    expect(readEnvironment(env)).toEqual({
      redisUrl: env.REDIS_URL,
      sessionSecrets: [january],
      cookieSecrets: [february],
      cookieDomain: 'example.com',
      sessionTimeoutMs: 7_200_000,
      csrfTimeoutMs: 600_000,
      maxSessionsPerUser: 3,
    })
  })

  it('names all mistakes at once', () => {
    const error = failure({
      REDIS_URL: 'localhost',
      SESSION_SECRET_KEY: 'short',
      COOKIE_DOMAIN: 'https://example.com',
      CSRF_TIMEOUT: '30m',
      MAX_SESSIONS_PER_USER: '0',
    })
    expect(error.message).toMatch(/^The environment has 5 mistakes:\n- `REDIS_URL`/)
    expect(
      error.message
        .split('\n- ')
        .slice(1)
        .map(line => line.split('`')[1]),
    ).toEqual([
      'REDIS_URL',
      'SESSION_SECRET_KEY',
      'COOKIE_DOMAIN',
      'CSRF_TIMEOUT',
      'MAX_SESSIONS_PER_USER',
    ])
  })

  it('states a single mistake by itself', () => {
    expect(failure({ CSRF_TIMEOUT: 'soon' }).message).toBe(
      '`CSRF_TIMEOUT` is "soon" and must be a whole number from 1 to 34560000.',
    )
  })
})

describe('a secret of the environment', () => {
  it('may be a list, newest first, with spaces and line breaks around the commas', () => {
    const expected = [february, january]
    const read = (text: string) => readEnvironment({ SESSION_SECRET_KEY: text }).sessionSecrets
    expect(read(`${february},${january}`)).toEqual(expected)
    expect(read(` ${february} , ${january}\n`)).toEqual(expected)
    expect(read(`${february},\n${january}`)).toEqual(expected)
  })

  it.each([
    ['31 characters', january.slice(1), /31 characters and needs 32/],
    ['nothing', '', /gives an empty value/],
    ['blanks', '   ', /gives an empty value/],
    ['a comma too many', `${january},`, /\(secret 2 of 2\) has 0 characters/],
    ['a weak one in a list', `${january},weak`, /\(secret 2 of 2\) has 4 characters/],
    ['the same twice', `${january},${january}`, /same secret twice/],
    ['a placeholder', 'change-me-change-me-before-production', /placeholder/],
  ])('is refused when it is %s', (_, text, message) => {
    const { message: session } = failure({ SESSION_SECRET_KEY: text })
    expect(session).toMatch(message)
    expect(session).toContain('`SESSION_SECRET_KEY`')
    expect(failure({ COOKIE_SECRET_KEY: text }).message).toContain('`COOKIE_SECRET_KEY`')
  })

  it('is never shown', () => {
    const text = failure({ SESSION_SECRET_KEY: 'hunter2,hunter3', COOKIE_SECRET_KEY: 'hunter4' })
    expect(`${text.message}${text.stack}`).not.toContain('hunter')
  })

  it('keeps the code of a weak secret', () => {
    expect(failure({ SESSION_SECRET_KEY: 'short' }).code).toBe('ERR_SECRET_WEAK')
  })
})

describe('a variable that names a file', () => {
  let folder = ''
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'cloakroom-environment-'))
  })
  afterAll(() => rmSync(folder, { recursive: true }))

  it('gives what the file holds, without the line break at its end', () => {
    const settings = readEnvironment({
      REDIS_URL_FILE: file('url', 'redis://:pass@localhost:6379\n'),
      SESSION_SECRET_KEY_FILE: file('session', `${february}\n${january}\r\n`),
      COOKIE_SECRET_KEY_FILE: file('cookie', january),
    })
    expect(settings.redisUrl).toBe('redis://:pass@localhost:6379')
    expect(settings.sessionSecrets).toEqual([february, january])
    expect(settings.cookieSecrets).toEqual([january])
  })

  it('is refused when there is no such file', () => {
    const error = failure({ SESSION_SECRET_KEY_FILE: join(folder, 'absent') })
    expect(error.message).toMatch(/`SESSION_SECRET_KEY_FILE` names the file ".*absent"/)
    expect(error.cause).toMatchObject({ code: 'ENOENT' })
  })

  it('is refused when the file is empty, the path is empty or the value is weak', () => {
    expect(failure({ REDIS_URL_FILE: file('empty', '\n') }).message).toMatch(
      /`REDIS_URL_FILE` gives/,
    )
    expect(failure({ REDIS_URL_FILE: '' }).message).toMatch(/cannot be read/)
    expect(failure({ COOKIE_SECRET_KEY_FILE: file('weak', 'short') }).code).toBe('ERR_SECRET_WEAK')
  })

  it('is refused beside the variable itself', () => {
    const env = { SESSION_SECRET_KEY: january, SESSION_SECRET_KEY_FILE: file('other', february) }
    expect(failure(env).message).toBe(
      '`SESSION_SECRET_KEY` and `SESSION_SECRET_KEY_FILE` are both set. Remove one.',
    )
  })
})

describe('REDIS_URL', () => {
  it.each(['redis://localhost', 'redis://127.0.0.1:6379/0', 'rediss://:p%40ss@[::1]:6380'])(
    'may be %s',
    url => {
      expect(readEnvironment({ REDIS_URL: url }).redisUrl).toBe(url)
    },
  )

  it.each(['', 'localhost:6379', 'http://localhost:6379', 'redis://', 'redis:localhost', 'redis'])(
    'is refused as %j',
    url => {
      expect(failure({ REDIS_URL: url }).message).toMatch(/^`REDIS_URL`/)
    },
  )

  it('is never shown, since it may hold a password', () => {
    expect(failure({ REDIS_URL: 'http://:hunter2@localhost' }).message).not.toContain('hunter2')
  })
})

describe('COOKIE_DOMAIN', () => {
  it.each([
    ['example.com', 'example.com'],
    ['.Example.com', 'example.com'],
    ['a-b.xn--bcher-kva.example', 'a-b.xn--bcher-kva.example'],
    ['', undefined],
  ])('reads %j as %j', (text, domain) => {
    expect(readEnvironment({ COOKIE_DOMAIN: text }).cookieDomain).toBe(domain)
  })

  it.each([
    'localhost',
    'com.',
    '..example.com',
    'example.com:443',
    'example.com/path',
    'https://example.com',
    'exa mple.com',
    'example.com; Secure',
    'bücher.example',
    '-a.example',
    '127.0.0.1',
    '[::1]',
    `${'a'.repeat(64)}.example`,
  ])('refuses %j', domain => {
    expect(failure({ COOKIE_DOMAIN: domain }).message).toMatch(/^`COOKIE_DOMAIN` is /)
  })
})

describe.each(['SESSION_TIMEOUT', 'CSRF_TIMEOUT', 'MAX_SESSIONS_PER_USER'])('%s', name => {
  it.each(['0', '-5', '1.5', '1e3', '0x10', '30m', 'NaN', 'Infinity', '٣', '5 5', '1_000'])(
    'refuses %j',
    text => {
      expect(failure({ [name]: text }).message).toContain(`\`${name}\` is "${text}" and must be`)
    },
  )

  it('takes its default when it is empty', () => {
    expect(readEnvironment({ [name]: ' ' })).toEqual(readEnvironment({}))
  })
})

describe('a time of the environment', () => {
  it('reaches from one second to 400 days', () => {
    expect(readEnvironment({ SESSION_TIMEOUT: '1' }).sessionTimeoutMs).toBe(1000)
    expect(readEnvironment({ CSRF_TIMEOUT: '34560000' }).csrfTimeoutMs).toBe(34_560_000_000)
  })

  it('is taken for milliseconds beyond that', () => {
    expect(failure({ SESSION_TIMEOUT: '86400000' }).message).toMatch(
      /counts seconds; did you write milliseconds\?$/,
    )
    expect(failure({ CSRF_TIMEOUT: '34560001' }).message).toMatch(/did you write milliseconds\?$/)
    expect(failure({ MAX_SESSIONS_PER_USER: '86400000' }).message).not.toMatch(/milliseconds/)
  })
})
