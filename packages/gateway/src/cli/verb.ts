import type { ArgsDef } from 'citty'

/** What a verb is given: its flags by name, and what stands without one. */
export type VerbArgs = Readonly<Record<string, unknown>> & { readonly _: readonly string[] }

/** Where a verb runs. */
export interface Terminal {
  /** Writes a line for whoever uses the command. */
  print(line: string): void
  /** Writes a line about what goes wrong. */
  warn(line: string): void
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

/** The text of a flag or argument, where it was given. */
export function textOf(args: VerbArgs, name: string): string | undefined {
  const value = args[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}
