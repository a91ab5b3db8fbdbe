import type { Terminal } from './verb.ts'

/** A column of a table. */
export interface Column<Row> {
  readonly title: string
  readonly text: (row: Row) => string | number | null
}

/** Prints rows below each other, as wide as they need to be. */
export function printTable<Row>(
  terminal: Terminal,
  columns: readonly Column<Row>[],
  rows: readonly Row[],
): void {
  const lines = [
    columns.map(column => column.title),
    ...rows.map(row => columns.map(({ text }) => clean(String(text(row) ?? '–')))),
  ]
  const widths = columns.map((_, at) => Math.max(...lines.map(line => line[at]?.length ?? 0)))
  for (const line of lines) {
    const cells = line.map((cell, at) => cell.padEnd(widths[at] ?? 0))
    terminal.print(cells.join('  ').trimEnd())
  }
}

/** Prints a value for programs. */
export function printJson(terminal: Terminal, value: unknown): void {
  terminal.print(JSON.stringify(value, null, 2))
}

/** An instant for people. */
export function showTime(at: number): string {
  return new Date(at).toISOString().replace('T', ' ').slice(0, 19)
}

/** Users choose much of what is shown, and must not steer the terminal. */
function clean(text: string): string {
  return text.replace(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, '?')
}

/** Shows how far long work has come. */
export interface Progress {
  /** @param total null where it is not known. */
  show(done: number, total: number | null): void
  /** Takes it off the terminal again. */
  end(): void
}

const width = 30

/** Makes a {@link Progress}. Nothing is shown where nobody looks. */
export function createProgress(terminal: Terminal, what: string): Progress {
  const { progress = () => undefined } = terminal
  return {
    show(done, total) {
      const count = done.toLocaleString('en')
      if (total === null || total === 0) return progress(`${count} ${what}`)
      const part = Math.min(1, done / total)
      const bar = '█'.repeat(Math.round(part * width)).padEnd(width, '░')
      progress(`${bar} ${Math.floor(part * 100)} %  ${count} ${what}`)
    },
    end: () => progress(''),
  }
}
