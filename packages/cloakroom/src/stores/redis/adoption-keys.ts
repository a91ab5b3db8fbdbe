import { bucketOf } from '../../sessions/store.ts'

/** The key names of adopted sessions, beside those that all sessions have. */
export interface AdoptionKeys {
  /** Tells that a session has ended. */
  grave(id: string): string
  /** The ids of an owner's adopted sessions: sorted set by the time they were entered. */
  links(owner: string): string
}

/** Makes {@link AdoptionKeys}. @param prefix as of all other keys. */
export function createAdoptionKeys(prefix: string): AdoptionKeys {
  const name = (id: string, kind: string): string => {
    const bucket = bucketOf(id)
    return `${prefix}{${bucket}}${kind}${id.slice(bucket.length)}`
  }
  return { grave: id => name(id, 'g'), links: owner => name(owner, 'l') }
}
