import { ConfigError, type RateLimiter } from 'cloakroom'
import { addressKey } from 'cloakroom/kit'
import { type Office, officeFlags, operator, withOffice } from '../office.ts'
import { type Column, createProgress, printJson, printTable } from '../output.ts'
import { createActionVerb, type Terminal, textOf, type Verb, type VerbArgs } from '../verb.ts'

type Block = Awaited<ReturnType<RateLimiter['listBlocks']>>['blocks'][number]

const columns: readonly Column<Block>[] = [
  { title: 'RULE', text: ({ rule }) => rule.name },
  { title: 'KEY', text: ({ id }) => id },
  { title: 'REASON', text: ({ reason }) => reason },
  { title: 'ENDS IN', text: ({ endsAfterMs }) => showLength(endsAfterMs) },
]

/** Lists blocks, and makes and lifts them. */
export const limits: Verb = createActionVerb(
  {
    summary: 'Lists blocks of rate limits, makes and lifts them',
    args: {
      rule: { type: 'string', description: 'The rule, such as api_call', valueHint: 'name' },
      ip: { type: 'string', description: 'Whom: an address', valueHint: 'address' },
      user: { type: 'string', description: 'Whom: a user', valueHint: 'id' },
      key: { type: 'string', description: 'Whom: a key as the list shows it', valueHint: 'key' },
      for: { type: 'string', description: 'How long; for good when left out', valueHint: '1h' },
      reason: { type: 'string', description: 'Shown in the list', default: 'operator' },
      ...officeFlags,
    },
  },
  {
    list: { summary: 'all blocks', run: list },
    block: { summary: 'blocks an address or a user under a rule', run: block },
    unblock: { summary: 'lifts a block', run: unblock },
  },
)

function list(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withOffice(args, terminal, async office => {
    const blocks = await listAll(office, terminal)
    if (args['json'] === true) {
      const shown = blocks.map(({ rule, id, reason, endsAfterMs, level }) => {
        return { rule: rule.name, key: id, reason, endsAfterMs, level }
      })
      printJson(terminal, shown)
    } else printTable(terminal, columns, blocks)
    return 0
  })
}

async function listAll({ cloakroom }: Office, terminal: Terminal): Promise<readonly Block[]> {
  const progress = createProgress(terminal, 'blocks')
  const blocks: Block[] = []
  let cursor: string | null = null
  do {
    const page: Awaited<ReturnType<RateLimiter['listBlocks']>> = await cloakroom.limiter.listBlocks(
      { cursor, count: 200 },
    )
    blocks.push(...page.blocks)
    cursor = page.cursor
    progress.show(blocks.length, null)
  } while (cursor !== null)
  progress.end()
  return blocks
}

function block(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withOffice(args, terminal, async office => {
    const rule = requireFlag(args, 'rule')
    const { key, name: subject } = subjectOf(args, office, rule)
    const duration = textOf(args, 'for')
    await limiterOf(office, rule).block(rule, key, {
      ...operator,
      ...(duration !== undefined && { duration: duration as `${number}h` }),
      reason: textOf(args, 'reason') ?? 'operator',
      subject,
    })
    terminal.print(`${subject} is blocked under ${rule}.`)
    return 0
  })
}

function unblock(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withOffice(args, terminal, async office => {
    const id = textOf(args, 'key')
    const isLifted =
      id === undefined ? await unblockKey(args, office) : await unblockListed(id, office, terminal)
    terminal.print(isLifted ? 'The block is lifted.' : 'There is no such block.')
    return isLifted ? 0 : 1
  })
}

function unblockKey(args: VerbArgs, office: Office): Promise<boolean> {
  const rule = requireFlag(args, 'rule')
  const { key } = subjectOf(args, office, rule)
  return limiterOf(office, rule).unblock(rule, key, operator)
}

async function unblockListed(id: string, office: Office, terminal: Terminal): Promise<boolean> {
  const found = (await listAll(office, terminal)).filter(each => each.id === id)
  for (const each of found) await office.cloakroom.limiter.unblockListed(each, operator)
  return found.length > 0
}

/** Rules for signing in belong to a limiter of their own. */
function limiterOf({ cloakroom }: Office, rule: string): RateLimiter {
  const { limiter, loginProtection } = cloakroom
  return loginProtection.limiter.rules.has(rule) && !limiter.rules.has(rule)
    ? (loginProtection.limiter as RateLimiter)
    : limiter
}

function requireFlag(args: VerbArgs, name: string): string {
  const value = textOf(args, name)
  if (value !== undefined) return value
  throw new ConfigError('ERR_OPTION_INVALID', `\`--${name}\` is missing.`)
}

type Key = Parameters<RateLimiter['block']>[1]

interface Subject {
  readonly key: Key
  /** In words, for the event. */
  readonly name: string
}

/** Rules of sign-in and of accounts count under keys of their own; others as the guard `rateLimit` does. */
const keys: Readonly<Record<string, (args: VerbArgs, office: Office) => Key>> = {
  login_address: args => networkOf(args),
  login_pair: (args, { cloakroom }) =>
    cloakroom.loginProtection.pairKey({
      account: requireFlag(args, 'user'),
      address: networkOf(args),
    }),
  auth_register: args => ['address', networkOf(args)],
  password_reset: args => ['address', networkOf(args)],
}

function subjectOf(args: VerbArgs, office: Office, rule: string): Subject {
  const name = [textOf(args, 'user'), textOf(args, 'ip')].filter(Boolean).join(' at ')
  const make = Object.hasOwn(keys, rule) ? keys[rule] : undefined
  if (make !== undefined) return { key: make(args, office), name }
  const user = textOf(args, 'user')
  return { key: user === undefined ? ['ip', networkOf(args)] : ['user', user], name }
}

function networkOf(args: VerbArgs): string {
  return addressKey(requireFlag(args, 'ip'))
}

function showLength(ms: number | null): string {
  if (ms === null) return 'never'
  const minutes = Math.ceil(ms / 60_000)
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`
}
