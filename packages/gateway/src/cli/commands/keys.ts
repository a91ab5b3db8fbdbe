import { resolve } from 'node:path'
import { ConfigError, createCloakroom } from 'cloakroom'
import { type Office, officeFlags, withOffice } from '../office.ts'
import { createProgress, printJson, printTable } from '../output.ts'
import { makeSecret, readSecrets, writeSecrets } from '../secret-file.ts'
import { createActionVerb, type Terminal, textOf, type Verb, type VerbArgs } from '../verb.ts'

/** Makes secrets and changes them. */
export const keys: Verb = createActionVerb(
  {
    summary: 'Makes secrets, tells what they still seal, and changes them',
    args: {
      file: { type: 'string', description: 'rotate: the file with the secrets', valueHint: 'path' },
      step: { type: 'string', description: 'rotate: add, use or drop', valueHint: 'step' },
      force: { type: 'boolean', description: 'drop: although sessions end by it' },
      ...officeFlags,
    },
  },
  {
    generate: { summary: 'prints a new secret', run: generate },
    status: { summary: 'how many sessions each key of the ring sealed', run: status },
    rotate: { summary: 'changes a file of secrets, in three steps', run: rotate },
  },
)

async function generate(args: VerbArgs, terminal: Terminal): Promise<number> {
  const secret = makeSecret()
  if (args['json'] === true) printJson(terminal, { secret })
  else terminal.print(secret)
  return 0
}

interface KeyRow {
  readonly id: string
  readonly place: 'newest' | 'older' | 'missing'
  readonly sessions: number
}

function status(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withOffice(args, terminal, async office => {
    const rows = await countKeys(office, terminal)
    if (args['json'] === true) printJson(terminal, rows)
    else {
      printTable(
        terminal,
        [
          { title: 'KEY', text: row => row.id },
          { title: 'PLACE', text: row => row.place },
          { title: 'SESSIONS', text: row => row.sessions },
        ],
        rows,
      )
    }
    // Sessions of a key that is not here cannot be opened.
    return rows.some(row => row.place === 'missing') ? 1 : 0
  })
}

async function countKeys({ cloakroom }: Office, terminal: Terminal): Promise<readonly KeyRow[]> {
  const progress = createProgress(terminal, 'sessions')
  const counts = new Map<string, number>()
  let ring: readonly string[] = []
  let total = 0
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<typeof cloakroom.sessions.countPage>> =
      await cloakroom.sessions.countPage(cursor)
    ring = page.ring
    for (const [id, count] of page.counts) {
      counts.set(id, (counts.get(id) ?? 0) + count)
      total += count
    }
    cursor = page.cursor
    progress.show(total, null)
  } while (cursor !== null)
  progress.end()
  return [...counts].map(([id, sessions]) => {
    const place = ring.includes(id) ? 'older' : 'missing'
    return { id, place: id === ring[0] ? 'newest' : place, sessions }
  })
}

const steps: Readonly<
  Record<string, (args: VerbArgs, terminal: Terminal, secrets: readonly string[]) => Promise<Step>>
> = {
  add: async (_args, _terminal, secrets) => ({
    secrets: [...secrets, makeSecret()],
    next: 'All workers can read what it will seal once they have looked at the file. Then `--step use`.',
  }),
  use: async (_args, _terminal, secrets) => {
    const last = secrets.at(-1)
    if (last === undefined || secrets.length < 2) throw tooFew()
    return {
      secrets: [last, ...secrets.slice(0, -1)],
      next: 'It seals from now on. When `keys status` shows no session of the oldest, `--step drop`.',
    }
  },
  drop: dropOldest,
}

interface Step {
  readonly secrets: readonly string[]
  readonly next: string
}

async function dropOldest(
  args: VerbArgs,
  terminal: Terminal,
  secrets: readonly string[],
): Promise<Step> {
  if (secrets.length < 2) throw tooFew()
  const oldest = secrets.at(-1) ?? ''
  const id = await idOf(oldest)
  const next = `The key ${id} is out.`
  if (args['force'] === true) return { secrets: secrets.slice(0, -1), next }
  const count = await withOffice(args, terminal, async office =>
    (await countKeys(office, terminal)).find(row => row.id === id),
  )
  if (count === undefined || count.sessions === 0) return { secrets: secrets.slice(0, -1), next }
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `The key ${id} still seals ${count.sessions} session(s). Wait until they have ended, or end them by \`--force\`.`,
  )
}

async function rotate(args: VerbArgs, terminal: Terminal): Promise<number> {
  const file = textOf(args, 'file')
  const step = steps[textOf(args, 'step') ?? '']
  if (file === undefined || step === undefined) {
    terminal.warn('Say `--file`, and `--step add`, `use` or `drop`, in this order.')
    return 2
  }
  const path = resolve(terminal.folder, file)
  const { secrets, next } = await step(args, terminal, await readSecrets(path))
  await writeSecrets(path, secrets)
  const ids = await Promise.all(secrets.map(idOf))
  if (args['json'] === true) printJson(terminal, { keys: ids, next })
  else terminal.print(`${file} holds the keys ${ids.join(', ')}, the newest first. ${next}`)
  return 0
}

/** The id that a ring gives to a secret. */
async function idOf(secret: string): Promise<string> {
  const cloakroom = createCloakroom({ secret, audit: false, env: {} })
  const { ring } = await cloakroom.sessions.countPage()
  cloakroom.close()
  return ring[0] ?? ''
}

function tooFew(): ConfigError {
  return new ConfigError(
    'ERR_OPTION_INVALID',
    'The file holds one secret. `--step add` puts a new one behind it.',
  )
}
