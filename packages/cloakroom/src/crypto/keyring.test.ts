import { inspect } from 'node:util'
import { describe, expect, it } from 'vitest'
import { utf8 } from '../core/bytes.ts'
import { ConfigError } from '../core/errors.ts'
import { createKeyring, type Keyring, mapKeys, toKeyring } from './keyring.ts'

const january = 'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e'
const february = 'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g'
const name = { name: 'sessionSecret' }

function failure(secrets: unknown): ConfigError {
  try {
    createKeyring(secrets as string, name)
  } catch (error) {
    if (error instanceof ConfigError) return error
    throw error
  }
  throw new Error('The secret was accepted.')
}

describe('createKeyring', () => {
  it('takes one secret', () => {
    const ring = createKeyring(january, name)
    expect(ring.keys).toEqual([ring.newest])
  })

  it('takes several, the newest first', () => {
    const ring = createKeyring([february, january], name)
    expect(ring.keys).toHaveLength(2)
    expect(ring.newest).toBe(ring.keys[0])
    expect(ring.newest.id).toBe(createKeyring(february, name).newest.id)
  })

  it('finds a key by its id, as text and as bytes', () => {
    const ring = createKeyring([february, january], name)
    const old = createKeyring(january, name).newest
    expect(ring.find(old.id)).toBe(ring.keys[1])
    expect(ring.find(Buffer.from(old.id, 'hex'))).toBe(ring.keys[1])
    expect(ring.find('00000000')).toBeUndefined()
    expect(ring.find(old.id.toUpperCase())).toBeUndefined()
    expect(ring.find(new Uint8Array(0))).toBeUndefined()
  })

  it('takes a secret in any script', () => {
    expect(
      createKeyring('日本語のとても長い秘密の言葉、誰にも言わないで。一二三四五六七八', name).keys,
    ).toHaveLength(1)
  })

  it('gives an id of 8 hexadecimal digits that stays the same', () => {
    expect(createKeyring(january, name).newest.id).toBe('6d23df70')
  })
})

describe('createKeyring refuses', () => {
  it.each([
    ['a secret of 31 characters', january.slice(1), /31 characters and needs 32/],
    ['an empty secret', '', /0 characters/],
    ['one repeated character', 'a'.repeat(64), /repeats itself/],
    ['a short text repeated', 'Pa55word'.repeat(4), /repeats itself/],
    ['few different characters', `${'10'.repeat(20)}2`, /fewer than 6/],
    ['a placeholder', 'please-Change-Me-to-something-else-0', /placeholder/],
    ['another placeholder', 'your_secret_key_of_32_characters_or_more', /placeholder/],
    ['no secret at all', [], /is missing/],
    ['an empty secret among good ones', [january, ''], /\(secret 2 of 2\)/],
    ['the same secret twice', [january, january], /same secret twice/],
    ['what is no text', 42, /is missing or no text/],
    ['undefined', undefined, /is missing or no text/],
  ])('%s', (_, secrets, message) => {
    const error = failure(secrets)
    expect(error.code).toBe('ERR_SECRET_WEAK')
    expect(error.message).toMatch(message)
    expect(error.message).toContain('`sessionSecret`')
  })

  it('without showing any part of a secret', () => {
    expect(failure([january, january]).message).not.toContain(january.slice(0, 4))
    expect(failure(january.slice(1)).message).not.toContain(january.slice(1, 5))
  })
})

describe('RingKey', () => {
  it('derives another key for each purpose, and the same one again', () => {
    const { newest } = createKeyring(january, name)
    expect(newest.derive('one')).toHaveLength(32)
    expect(newest.derive('one')).toBe(newest.derive('one'))
    expect(newest.derive('one')).not.toEqual(newest.derive('two'))
  })

  it('shows no secret when printed, serialised, copied or joined to a text', () => {
    const ring = createKeyring([february, january], name)
    ring.newest.derive('purpose')
    const printed = [
      inspect(ring, { showHidden: true, depth: 9 }),
      JSON.stringify(ring),
      JSON.stringify({ ...ring.newest }),
      `${ring}${ring.newest}`,
      Object.keys(ring.newest).join(),
    ].join('\n')
    for (const secret of secretsIn(ring)) expect(printed).not.toContain(secret)
    expect(Object.keys(ring.newest)).not.toContain('secret')
  })
})

/** Every form in which a secret or a derived key could turn up in a printout. */
function secretsIn(ring: Keyring): string[] {
  const values = [utf8(january), utf8(february), ring.newest.derive('purpose')]
  return values.flatMap(value => [
    Buffer.from(value).toString('latin1').slice(0, 8),
    Buffer.from(value).toString('hex').slice(0, 8),
    Buffer.from(value).toString('base64').slice(0, 8),
    [...value.subarray(0, 4)].join(','),
    [...value.subarray(0, 4)].join(', '),
  ])
}

describe('a ring whose secrets are replaced', () => {
  it('goes by the new ones, and tells whoever asked to be told', () => {
    const ring = createKeyring(january, name)
    const uses = mapKeys(ring, key => key.id)
    const old = uses.newest
    let told = 0
    ring.onReplace(() => {
      told += 1
    })
    ring.replace([february, january])
    const { id } = createKeyring(february, name).newest
    expect(ring.newest.id).toBe(id)
    expect(uses.all).toEqual([id, old])
    expect(uses.newest).toBe(id)
    ring.replace(february)
    expect(uses.find(old)).toBeUndefined()
    expect(ring.find(old)).toBeUndefined()
    expect(told).toBe(2)
  })

  it('stays as it is when one of them is too weak', () => {
    const ring = createKeyring(january, name)
    const before = ring.keys
    expect(() => ring.replace([february, 'short'])).toThrow(/secret 2 of 2/)
    expect(() => ring.check('short')).toThrow(ConfigError)
    ring.check(february)
    expect(ring.keys).toBe(before)
  })
})

describe('mapKeys', () => {
  it('makes something of each key once', () => {
    const made: string[] = []
    const uses = mapKeys(createKeyring([february, january], name), key => made.push(key.id))
    expect([uses.newest, ...uses.all]).toEqual([1, 1, 2])
    expect(made).toHaveLength(2)
  })
})

describe('toKeyring', () => {
  it('takes a ring as it is', () => {
    const ring = createKeyring(january, name)
    expect(toKeyring(ring, name)).toBe(ring)
    expect(toKeyring(january, name).newest.id).toBe(ring.newest.id)
    expect(toKeyring([january], name).newest.id).toBe(ring.newest.id)
  })
})
