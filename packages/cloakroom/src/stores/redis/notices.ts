import { asBuffer } from '../../core/bytes.ts'
import type { SessionChange } from '../../sessions/changes.ts'
import { ownerLength } from '../../sessions/store.ts'

/**
 * The messages by which scripts tell every process what they changed. A letter says what follows:
 *
 * | letter | what follows |
 * | --- | --- |
 * | e | ids of sessions that ended, one after the other |
 * | o | owner whose sessions ended, and the id of the one that did not |
 * | s | id of a session that was saved, generation |
 * | r | id of a session whose rights changed, generation |
 * | t | new value of an epoch, space, its name |
 * | h | number of a heartbeat |
 *
 * Scripts that choose what ends put their messages together themselves, in the same way.
 */
export const notices = {
  ended: (id: string): string => `e${id}`,
  ownerEnded: (owner: string, exceptId: string | undefined): string => `o${owner}${exceptId ?? ''}`,
  saved: (id: string, generation: number): string => `s${id}${generation}`,
  rights: (id: string, generation: number): string => `r${id}${generation}`,
  heartbeat: (number: number): string => `h${number}`,
}

/** What was heard: a change, the number of a heartbeat, or null for what is not of this version. */
export type Notice = SessionChange | { readonly kind: 'heartbeat'; readonly number: number } | null

const idLength = 22

/** Reads a message. */
export function readNotice(message: Uint8Array): Notice {
  const text = asBuffer(message).toString('latin1')
  return readers[text.charAt(0)]?.(text.slice(1)) ?? null
}

const readers: Readonly<Record<string, (rest: string) => Notice>> = {
  e: rest => ({ kind: 'ended', ids: rest.match(/.{22}/g) ?? [] }),
  o: rest => ({
    kind: 'owner-ended',
    owner: rest.slice(0, ownerLength),
    exceptId: rest.slice(ownerLength) || null,
  }),
  s: rest => ({ kind: 'saved', ...readWrite(rest) }),
  r: rest => ({ kind: 'rights', ...readWrite(rest) }),
  t(rest) {
    const [value, name = ''] = rest.split(' ')
    return { kind: 'epoch', name, value: Number(value) }
  },
  h: rest => ({ kind: 'heartbeat', number: Number(rest) }),
}

function readWrite(rest: string): { id: string; generation: number } {
  return { id: rest.slice(0, idLength), generation: Number(rest.slice(idLength)) }
}
