import { availableParallelism } from 'node:os'
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2'
import { refuseUnknown, requireInteger } from 'cloakroom/kit'
import { createGate } from './gate.ts'
import { type Argon2Cost, dummyHash, isWeaker, restOf } from './phc.ts'

/** Options of {@link createPasswordHasher}. */
export interface PasswordHasherOptions {
  /** Memory of one hash, in KiB. @default 19456, as OWASP advises with 2 passes and 1 lane */
  readonly memoryKib?: number | undefined
  /** @default 2 */
  readonly passes?: number | undefined
  /** @default 1 */
  readonly lanes?: number | undefined
  /**
   * Hashes at once. They run on threads that name look-ups and files need too.
   *
   * @default one for each processor, three at most
   */
  readonly running?: number | undefined
  /** Sign-ins and the like under way at once; more are told to come back. @default 64 */
  readonly admitted?: number | undefined
  /**
   * Checks hashes that are not Argon2id, of an application that had others before. They are hashed
   * anew when their owners sign in.
   */
  readonly verifyForeign?: ((password: string, hash: string) => Promise<boolean>) | undefined
}

/** `outdated` is right too, but the hash is weaker than new ones: hash the password anew. */
export type PasswordVerdict = 'right' | 'outdated' | 'wrong'

/** Hashes passwords by Argon2id without letting a flood of them take the machine. */
export interface PasswordHasher {
  /** Does work that will hash, unless too much of it is under way: then null, at once. */
  admit<Result>(work: () => Promise<Result>): Promise<Result | null>
  hash(password: string): Promise<string>
  /** Compares with a stored hash. Without one, or with a weaker one, it takes as long. */
  verify(password: string, hash: string | null): Promise<PasswordVerdict>
}

const known = [
  'memoryKib',
  'passes',
  'lanes',
  'running',
  'admitted',
  'verifyForeign',
] as const satisfies readonly (keyof PasswordHasherOptions)[]

/** Makes a {@link PasswordHasher}. @throws {ConfigError} naming the setting that is wrong. */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  refuseUnknown('hasher', options, known)
  const cost = resolveCost(options)
  const dummy = dummyHash(cost)
  const { verifyForeign } = options
  const running = options.running ?? Math.min(3, availableParallelism())
  const gate = createGate({
    running: requireInteger('hasher.running', running, { min: 1 }),
    admitted: requireInteger('hasher.admitted', options.admitted ?? 64, { min: 1 }),
  })

  async function compare(password: string, hash: string): Promise<boolean> {
    try {
      return await argon2Verify(hash, utf8(password))
    } catch {
      // What is stored is no hash. The time must not tell.
      await argon2Verify(dummy, utf8(password))
      return false
    }
  }

  /** After the cost of hashing rose, accounts with an older hash must not answer sooner. */
  async function makeUp(password: string, stored: string): Promise<void> {
    const rest = restOf(stored, cost)
    if (rest !== null) await argon2Verify(dummyHash(rest), utf8(password))
  }

  return {
    admit: gate.admit,
    hash: password =>
      gate.run(() =>
        argon2Hash(utf8(password), {
          memoryCost: cost.memoryKib,
          timeCost: cost.passes,
          parallelism: cost.lanes,
        }),
      ),
    verify: (password, hash) =>
      gate.run(async () => {
        const stored = hash ?? dummy
        const isForeign = verifyForeign !== undefined && !stored.startsWith('$argon2')
        const isRight = await (isForeign
          ? verifyForeign(password, stored)
          : compare(password, stored))
        await makeUp(password, stored)
        if (!isRight || hash === null) return 'wrong'
        return isWeaker(stored, cost) ? 'outdated' : 'right'
      }),
  }
}

function resolveCost({ memoryKib = 19_456, passes = 2, lanes = 1 }: PasswordHasherOptions) {
  const cost: Argon2Cost = {
    lanes: requireInteger('hasher.lanes', lanes, { min: 1, max: 255 }),
    passes: requireInteger('hasher.passes', passes, { min: 1, max: 1000 }),
    // RFC 9106, section 3.1: at least eight blocks of 1 KiB for each lane.
    memoryKib: requireInteger('hasher.memoryKib', memoryKib, { min: 8 * lanes, max: 2 ** 22 }),
  }
  return cost
}

/**
 * The bytes of a password exactly as it was sent: nothing is folded, composed or cut. NIST would have
 * it composed first, ASVS 6.2.8 forbids to change it; two spellings are two passwords here.
 */
function utf8(password: string): Uint8Array {
  return new TextEncoder().encode(password)
}
