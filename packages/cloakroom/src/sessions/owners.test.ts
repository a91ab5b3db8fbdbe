import { describe, expect, it } from 'vitest'
import { createKeyring } from '../crypto/keyring.ts'
import { createOwners } from './owners.ts'
import { bucketOf, ownerLength } from './store.ts'

const [oldSecret, newSecret] = [
  'Jx2vQd7LmZ4pRt9wKb3nYc6hFs8gTa1e',
  'fE5uWq0yHk3rNj7bVd2xMz9cPs6tLa4g',
]
const ownersOf = (...secrets: string[]) => createOwners(createKeyring(secrets, { name: 'secret' }))

describe('createOwners', () => {
  const owners = ownersOf(newSecret, oldSecret)

  it('names a user by the newest key, and by each key, newest first', () => {
    expect(owners.all('alice')).toEqual([
      ownersOf(newSecret).current('alice'),
      ownersOf(oldSecret).current('alice'),
    ])
    expect(owners.all('alice')).toEqual([owners.current('alice'), ...owners.older('alice')])
  })

  it('gives each user a name of their own that says nothing of them', () => {
    const names = Array.from({ length: 5000 }, (_, index) => owners.current(`user-${index}`))
    expect(new Set(names).size).toBe(5000)
    expect(names.every(name => name.length === ownerLength && /^[\w-]+$/.test(name))).toBe(true)
  })

  it('gives visitors a name at random', () => {
    const names = Array.from({ length: 1000 }, () => owners.current(null))
    expect(new Set(names).size).toBe(1000)
  })

  it('spreads over the buckets of a Cluster, 16,384 at most', () => {
    const buckets = Array.from({ length: 60_000 }, (_, index) =>
      bucketOf(owners.current(index % 2 === 0 ? null : `user-${index}`)),
    )
    expect(new Set(buckets).size).toBeGreaterThan(15_500)
    expect(buckets.every(bucket => 'AQgw'.includes(bucket[2] ?? ''))).toBe(true)
  })

  it.each<[string, unknown]>([
    ['an empty text', ''],
    ['half a surrogate pair', 'alice\ud800'],
    ['a number', 7],
    ['nothing', undefined],
  ])('refuses %s for a user, which would share its name with others', (_name, id) => {
    expect(() => owners.all(id as string)).toThrow(/`userId`.*well-formed text/)
    expect(() => owners.current(id as string)).toThrow(/`userId`.*well-formed text/)
  })
})
