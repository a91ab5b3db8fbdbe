import type { Cloakroom, SessionEntry } from 'cloakroom'
import { officeFlags, operator, withOffice } from '../office.ts'
import { type Column, createProgress, printJson, printTable, showTime } from '../output.ts'
import { createActionVerb, type Terminal, textOf, type Verb, type VerbArgs } from '../verb.ts'

const columns: readonly Column<SessionEntry>[] = [
  { title: 'ID', text: ({ id }) => id },
  { title: 'USER', text: ({ userId }) => userId },
  { title: 'ROLE', text: ({ role }) => role },
  { title: 'DEVICE', text: ({ device }) => device },
  { title: 'ADDRESS', text: ({ ip }) => ip },
  { title: 'LAST SEEN', text: ({ seenAt }) => showTime(seenAt) },
  { title: 'ENDS', text: ({ expiresAt }) => showTime(expiresAt) },
]

const pageSize = 500

const reason = { ...operator, reason: 'ended-by-operator' }

/** Lists sessions and ends them. */
export const sessions: Verb = createActionVerb(
  {
    summary: 'Lists sessions and ends them',
    args: {
      id: { type: 'positional', description: 'The id of a session', required: false },
      user: { type: 'string', description: 'The sessions of this user', valueHint: 'id' },
      limit: { type: 'string', description: 'How many to list', default: '100' },
      all: { type: 'boolean', description: 'All sessions of everybody' },
      key: { type: 'string', description: 'All that this key sealed', valueHint: 'key id' },
      ...officeFlags,
    },
  },
  {
    list: { summary: 'sessions of a user, or of all', run: list },
    show: { summary: 'one session', run: show },
    revoke: { summary: 'ends one, those of a user, of a key, or all', run: revoke },
  },
)

function list(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withOffice(args, terminal, async ({ cloakroom }) => {
    const user = textOf(args, 'user')
    const limit = Math.max(1, Number(textOf(args, 'limit')) || 100)
    const entries =
      user === undefined
        ? await scan(cloakroom, terminal, limit)
        : await cloakroom.sessions.list(user)
    const shown = entries.slice(0, limit)
    if (args['json'] === true) printJson(terminal, shown)
    else printTable(terminal, columns, shown)
    if (entries.length > limit) {
      terminal.warn(`There are more than ${limit}. \`--limit\` shows them, \`--user\` fewer.`)
    }
    return 0
  })
}

async function scan(
  { sessions: all }: Cloakroom,
  terminal: Terminal,
  limit: number,
): Promise<readonly SessionEntry[]> {
  const progress = createProgress(terminal, 'sessions')
  const entries: SessionEntry[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof all.scan>> = await all.scan(cursor, pageSize)
    entries.push(...page.entries)
    cursor = page.cursor
    progress.show(entries.length, null)
  } while (cursor !== null && entries.length <= limit)
  progress.end()
  return entries
}

function show(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withOffice(args, terminal, async ({ cloakroom }) => {
    const entry = await cloakroom.sessions.find(textOf(args, 'id') ?? '')
    if (entry === null) {
      terminal.warn('There is no such session.')
      return 1
    }
    if (args['json'] === true) printJson(terminal, entry)
    else printTable(terminal, columns, [entry])
    return 0
  })
}

function revoke(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withOffice(args, terminal, async office => {
    const ended = await revokeWhat(args, terminal, office.cloakroom)
    if (ended === null) {
      terminal.warn('Say which: an id, `--user`, `--key` or `--all`.')
      return 2
    }
    if (args['json'] === true) printJson(terminal, { ended })
    else terminal.print(ended === 1 ? 'One session ended.' : `${ended} sessions ended.`)
    return ended === 0 ? 1 : 0
  })
}

async function revokeWhat(
  args: VerbArgs,
  terminal: Terminal,
  cloakroom: Cloakroom,
): Promise<number | null> {
  const { sessions: all } = cloakroom
  const [id, user, key] = [textOf(args, 'id'), textOf(args, 'user'), textOf(args, 'key')]
  if (id !== undefined) return Number(await all.revoke(id, reason))
  if (user !== undefined) return all.revokeAll(user, reason)
  if (key !== undefined) return endSealedBy([key], terminal, cloakroom)
  if (args['all'] !== true) return null
  // First nobody is signed in any more; then what is left of it goes.
  await all.raiseEpoch({ all: true }, reason)
  const keys = [...(await all.countByKey()).keys()]
  return endSealedBy(keys, terminal, cloakroom)
}

async function endSealedBy(
  keys: readonly string[],
  terminal: Terminal,
  { sessions: all }: Cloakroom,
): Promise<number> {
  const counts = await all.countByKey()
  const total = keys.reduce((sum, key) => sum + (counts.get(key) ?? 0), 0)
  const progress = createProgress(terminal, 'sessions ended')
  let ended = 0
  for (const key of keys) {
    let cursor: string | null = null
    do {
      const page: Awaited<ReturnType<typeof all.endSealedBy>> = await all.endSealedBy(key, {
        ...reason,
        cursor,
        count: pageSize,
      })
      ended += page.ended
      cursor = page.cursor
      progress.show(ended, total)
    } while (cursor !== null)
  }
  progress.end()
  return ended
}
