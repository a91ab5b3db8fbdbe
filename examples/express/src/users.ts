import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

/** Somebody who may sign in. */
export interface User {
  readonly id: string
  readonly role: 'user' | 'admin'
}

/**
 * The users of the demo, in memory: they are gone after a restart. The package `@cloakroom/accounts`
 * does this for real, with a database, mail and second factors.
 */
export interface Users {
  /** The user, or null when the name or the password is wrong: which of them, nobody learns. */
  verify(name: string, password: string): Promise<User | null>
  /** The new user, or null when the name is taken. */
  register(name: string, password: string, role?: User['role']): Promise<User | null>
}

interface Hash {
  readonly salt: Buffer
  readonly key: Buffer
}

const derive = promisify<string, Buffer, number, ScryptOptions, Buffer>(scrypt)

/** As strong as OWASP asks for, with 32 MiB of memory for each password. */
const cost: ScryptOptions = { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 26 }

/** Checked in place of the hash of a name that nobody has, so that both take the same time. */
const nobody: Hash = { salt: Buffer.alloc(16), key: Buffer.alloc(32) }

export function createUsers(): Users {
  const users = new Map<string, { user: User; hash: Hash }>()
  return {
    async verify(name, password) {
      const found = users.get(toId(name))
      const isRight = await isPassword(password, found?.hash ?? nobody)
      return found !== undefined && isRight ? found.user : null
    },

    async register(name, password, role = 'user') {
      const user = { id: toId(name), role }
      const hash = await hashPassword(password)
      if (users.has(user.id)) return null
      users.set(user.id, { user, hash })
      return user
    },
  }
}

function toId(name: string): string {
  return name.trim().toLowerCase()
}

async function hashPassword(password: string): Promise<Hash> {
  const salt = randomBytes(16)
  return { salt, key: await derive(password, salt, 32, cost) }
}

async function isPassword(password: string, { salt, key }: Hash): Promise<boolean> {
  return timingSafeEqual(await derive(password, salt, 32, cost), key)
}
