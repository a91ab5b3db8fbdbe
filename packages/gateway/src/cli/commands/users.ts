import type { AccountFlows } from '@cloakroom/accounts'
import { openEngine } from '../../app/engine.ts'
import { resolveSettings } from '../../config/settings.ts'
import { gatewayFlags, readConfig } from '../config-flags.ts'
import { type Column, printJson, printTable, showTime } from '../output.ts'
import { createActionVerb, type Terminal, textOf, type Verb, type VerbArgs } from '../verb.ts'

type Listed = Extract<Awaited<ReturnType<AccountFlows['listAsOperator']>>, { ok: true }>
type Account = Listed['accounts'][number]

const columns: readonly Column<Account>[] = [
  { title: 'E-MAIL', text: ({ email }) => email },
  { title: 'NAME', text: ({ name }) => name || null },
  { title: 'ROLE', text: ({ role }) => role },
  { title: 'STATUS', text: ({ status }) => status },
  {
    title: 'LAST SIGN-IN',
    text: ({ signedInAt }) => (signedInAt === null ? null : showTime(signedInAt)),
  },
]

interface Refused {
  readonly ok: false
  readonly reason: string
}

/** What stands for a refusal, in words. */
const refusals: Readonly<Record<string, string>> = {
  gone: 'There is no such account, or it is disabled.',
  taken: 'There is an account with this address already.',
  exists: 'There is an administrator already.',
  email: 'That is no e-mail address.',
  name: 'That is no name.',
  password: 'The password is too weak.',
  unsupported: 'The store of accounts cannot do this.',
  'no-factor': 'There is no such account, or it has no second factor.',
  'last-admin': 'It is the last administrator.',
}

/** Lists accounts, makes and changes them. */
export const users: Verb = createActionVerb(
  {
    summary: 'Lists accounts of the gateway, makes and changes them',
    args: {
      email: { type: 'positional', description: 'Whose account', required: false },
      role: { type: 'string', description: 'add, role, list: the role', valueHint: 'role' },
      name: { type: 'string', description: 'add: the name', valueHint: 'name' },
      search: { type: 'string', description: 'list: part of address or name' },
      limit: { type: 'string', description: 'list: how many', default: '100' },
      json: { type: 'boolean', description: 'Prints JSON' },
      ...gatewayFlags,
    },
  },
  {
    list: { summary: 'all accounts, or those searched for', run: list },
    add: { summary: 'makes an account, with a password for a day', run: add },
    admin: { summary: 'makes the first administrator', run: makeAdmin },
    role: { summary: 'gives another role, and ends all sessions', run: giveRole },
    disable: { summary: 'shuts an account, and ends all sessions', run: disable },
    enable: { summary: 'opens it again', run: enable },
    reset: { summary: 'prints a link to choose a new password', run: makeLink },
    'reset-factor': { summary: 'takes a lost second factor away', run: resetFactor },
  },
)

/** Opens the accounts of the gateway, does something, and closes them again. */
async function withAccounts(
  args: VerbArgs,
  terminal: Terminal,
  work: (flows: AccountFlows) => Promise<number>,
): Promise<number> {
  const { config } = await readConfig(args, terminal)
  const engine = await openEngine(resolveSettings(config), { audit: false })
  try {
    return await work(engine.accounts.flows)
  } finally {
    await engine.close()
  }
}

function list(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withAccounts(args, terminal, async flows => {
    const count = Math.max(1, Number(textOf(args, 'limit')) || 100)
    const query = { search: textOf(args, 'search'), role: textOf(args, 'role'), count }
    const listed = await flows.listAsOperator(query)
    if (!listed.ok) return refused(listed.reason, terminal)
    if (args['json'] === true) printJson(terminal, listed.accounts)
    else printTable(terminal, columns, listed.accounts)
    if (listed.cursor !== null) terminal.warn('There are more. `--search` or `--limit` shows them.')
    return 0
  })
}

function add(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withAccounts(args, terminal, async flows => {
    const [name, role] = [textOf(args, 'name'), textOf(args, 'role')]
    const added = await flows.addAsOperator({
      email: textOf(args, 'email') ?? '',
      ...(name !== undefined && { name }),
      ...(role !== undefined && { role }),
    })
    if (!added.ok) return refused(added.reason, terminal)
    return showPassword(added, args, terminal)
  })
}

function makeAdmin(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withAccounts(args, terminal, async flows => {
    const made = await flows.createFirstAdmin({ email: textOf(args, 'email') ?? '' })
    if (!made.ok) return refused(made.reason, terminal)
    return showPassword(made, args, terminal)
  })
}

function showPassword(
  { account, password }: { readonly account: Account; readonly password: string | null },
  args: VerbArgs,
  terminal: Terminal,
): number {
  if (args['json'] === true) printJson(terminal, { account, password })
  else {
    terminal.print(`${account.email} has an account, with the role ${account.role}.`)
    terminal.print(`Password: ${password}  (to be changed at the first sign-in, within a day)`)
  }
  return 0
}

function giveRole(args: VerbArgs, terminal: Terminal): Promise<number> {
  const role = textOf(args, 'role')
  if (role === undefined) {
    terminal.warn('Say which: `--role`.')
    return Promise.resolve(2)
  }
  return withAccounts(args, terminal, async flows =>
    showChange(await flows.changeRoleAsOperator({ login: loginOf(args), role }), args, terminal),
  )
}

function disable(args: VerbArgs, terminal: Terminal): Promise<number> {
  return setStatus('disabled', args, terminal)
}

function enable(args: VerbArgs, terminal: Terminal): Promise<number> {
  return setStatus('active', args, terminal)
}

function setStatus(
  status: 'active' | 'disabled',
  args: VerbArgs,
  terminal: Terminal,
): Promise<number> {
  return withAccounts(args, terminal, async flows =>
    showChange(await flows.setStatusAsOperator({ login: loginOf(args), status }), args, terminal),
  )
}

function makeLink(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withAccounts(args, terminal, async flows => {
    const made = await flows.makeResetLink({ login: loginOf(args) })
    if (!made.ok) return refused(made.reason, terminal)
    const { url, lifeMs } = made
    if (args['json'] === true) printJson(terminal, { url, lifeMs })
    else terminal.print(`${url}\nIt works once, for ${Math.round(lifeMs / 60_000)} minutes.`)
    return 0
  })
}

function resetFactor(args: VerbArgs, terminal: Terminal): Promise<number> {
  return withAccounts(args, terminal, async flows => {
    const done = await flows.resetSecondFactorAsOperator({ login: loginOf(args) })
    return showChange(
      done.ok || done.reason !== 'gone' ? done : { ...done, reason: 'no-factor' },
      args,
      terminal,
    )
  })
}

function showChange(
  result: { readonly ok: true; readonly account: Account } | Refused,
  args: VerbArgs,
  terminal: Terminal,
): number {
  if (!result.ok) return refused(result.reason, terminal)
  if (args['json'] === true) printJson(terminal, result.account)
  else printTable(terminal, columns, [result.account])
  return 0
}

function refused(reason: string, terminal: Terminal): number {
  terminal.warn(refusals[reason] ?? `It was refused: ${reason}.`)
  return 1
}

function loginOf(args: VerbArgs): string {
  return textOf(args, 'email') ?? ''
}
