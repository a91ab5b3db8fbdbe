import { describe, expect, it } from 'vitest'
import { utf8 } from '../../core/bytes.ts'
import { notices, readNotice } from './notices.ts'

const id = 'AAAabcdefghi0123456789'
const other = 'AAAabcdefghiABCDEFGHIJ'
const owner = 'AAAabcdefghi'

describe('readNotice', () => {
  it.each([
    [notices.ended(id), { kind: 'ended', ids: [id] }],
    [`e${id}${other}`, { kind: 'ended', ids: [id, other] }],
    [notices.ownerEnded(owner, undefined), { kind: 'owner-ended', owner, exceptId: null }],
    [notices.ownerEnded(owner, id), { kind: 'owner-ended', owner, exceptId: id }],
    [notices.saved(id, 12), { kind: 'saved', id, generation: 12 }],
    [notices.rights(id, 3), { kind: 'rights', id, generation: 3 }],
    ['t41 all', { kind: 'epoch', name: 'all', value: 41 }],
    [notices.heartbeat(7), { kind: 'heartbeat', number: 7 }],
  ])('reads %j', (message, notice) => {
    expect(readNotice(utf8(message))).toEqual(notice)
  })

  it.each(['', 'z1', '{"v":2}', '\u{1f9e5}'])('takes %j for one of another version', message => {
    expect(readNotice(utf8(message))).toBeNull()
  })
})
