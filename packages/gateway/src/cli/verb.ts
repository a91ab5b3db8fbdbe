import type { ArgsDef } from 'citty'

/** What a verb is given: its flags by name, and what stands without one. */
export type VerbArgs = Readonly<Record<string, unknown>> & { readonly _: readonly string[] }

/** Where a verb runs. */
export interface Terminal {
  /** Writes a line for whoever uses the command. */
  print(line: string): void
  /** Writes a line about what goes wrong. */
  warn(line: string): void
  /** Shows how far the work has come, in place of what it showed before; nothing where nobody looks. */
  progress?(text: string): void
  /** How often files with secrets are looked at. @default 30 s */
  readonly lookEveryMs?: number
  readonly env: Readonly<Record<string, string | undefined>>
  readonly folder: string
  /** Resolves when the command is to end. */
  readonly stopped: Promise<void>
}

/** One verb of the command. */
export interface Verb {
  /** One line for the list of verbs. */
  readonly summary: string
  readonly args: ArgsDef
  /** Does it; gives the exit code. */
  run(args: VerbArgs, terminal: Terminal): Promise<number>
}

/** What a verb does when a word follows it, as in `cloakroom keys generate`. */
export interface Action {
  readonly summary: string
  run(args: VerbArgs, terminal: Terminal): Promise<number>
}

/** Makes a verb of which the first argument says what to do. */
export function createActionVerb(
  about: { readonly summary: string; readonly args: ArgsDef },
  actions: Readonly<Record<string, Action>>,
): Verb {
  const list = Object.entries(actions).map(([name, { summary }]) => `${name} (${summary})`)
  return {
    summary: about.summary,
    args: {
      action: { type: 'positional', description: list.join(', '), required: false },
      ...about.args,
    },
    async run(args, terminal) {
      const name = textOf(args, 'action') ?? ''
      const action = Object.hasOwn(actions, name) ? actions[name] : undefined
      if (action !== undefined) return action.run(args, terminal)
      terminal.warn(`Say what to do: ${Object.keys(actions).join(', ')}.`)
      for (const [known, { summary }] of Object.entries(actions)) {
        terminal.warn(`  ${known.padEnd(10)} ${summary}`)
      }
      return 2
    },
  }
}

/** The text of a flag or argument, where it was given. */
export function textOf(args: VerbArgs, name: string): string | undefined {
  const value = args[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
