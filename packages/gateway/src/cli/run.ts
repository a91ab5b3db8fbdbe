import { defineCommand, parseArgs, renderUsage } from 'citty'
import { ConfigError, StoreError } from 'cloakroom'
import { refuseUnknown } from 'cloakroom/kit'
import type { Terminal, Verb, VerbArgs } from './verb.ts'
import { verbs } from './verbs.ts'

/** Runs the command; gives its exit code: 0, 1 for what failed, 2 for what makes no sense. */
export async function runCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name = '--help', ...rest] = argv
  if (['--help', '-h', 'help'].includes(name)) return showVerbs(terminal)
  const load = Object.hasOwn(verbs, name) ? verbs[name] : undefined
  if (load === undefined) {
    terminal.warn(`There is no command \`${name}\`. \`cloakroom --help\` lists those there are.`)
    return 2
  }
  const verb = await load()
  if (rest.includes('--help') || rest.includes('-h')) return showUsage(name, verb, terminal)
  try {
    return await verb.run(readArgs(verb, rest), terminal)
  } catch (error) {
    if (!isExpected(error)) throw error
    terminal.warn(error.message)
    return error.name === 'CLIError' ? 2 : 1
  }
}

function readArgs({ args: definition }: Verb, rest: readonly string[]): VerbArgs {
  const args = parseArgs([...rest], definition)
  const known = Object.keys(definition)
  const dashed = known.map(name => name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`))
  // citty lets flags pass that nobody asked for.
  refuseUnknown('--', args, ['_', ...known, ...dashed])
  return args as VerbArgs
}

async function showVerbs(terminal: Terminal): Promise<number> {
  terminal.print('Sign-in, sessions and roles in front of any web app.\n')
  terminal.print('Usage: cloakroom <command> [options]\n')
  for (const [name, load] of Object.entries(verbs)) {
    terminal.print(`  ${name.padEnd(10)} ${(await load()).summary}`)
  }
  terminal.print('\n`cloakroom <command> --help` tells more.')
  return 0
}

async function showUsage(name: string, verb: Verb, terminal: Terminal): Promise<number> {
  const meta = { name: `cloakroom ${name}`, description: verb.summary }
  terminal.print(await renderUsage(defineCommand({ meta, args: verb.args })))
  return 0
}

/** What the user can do something about, told in one sentence and without a stack. */
function isExpected(error: unknown): error is Error {
  if (error instanceof ConfigError || error instanceof StoreError) return true
  return error instanceof Error && error.name === 'CLIError'
}
