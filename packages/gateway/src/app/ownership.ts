import type { SessionManager } from 'cloakroom'
import type { Ownership } from '../tunnel/resume-fence.ts'

/** Longer than apps keep a state, and browsers its name. */
const keepFor = '7d'

/**
 * Keeps owners in lockers, where all workers find them. What cannot be told belongs to nobody.
 */
export function createOwnership({ locker }: Pick<SessionManager, 'locker'>): Ownership {
  const lockerOf = (key: string) => locker({ name: `owner ${key}`, keepFor })
  return {
    async claim(key, owner) {
      try {
        const written = await lockerOf(key).set('owner', owner, { ifVersion: null })
        if (written.ok) return owner
        return written.reason === 'conflict' ? readOwner(written.current?.value) : null
      } catch {
        return null
      }
    },
    find: key =>
      lockerOf(key)
        .get('owner')
        .then(
          found => readOwner(found?.value),
          () => null,
        ),
  }
}

function readOwner(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}
