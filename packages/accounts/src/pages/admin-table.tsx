import type { Child } from 'hono/jsx'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { PageContext } from './layout.tsx'

/** A column of a {@link DataTable}. */
export interface Column<Row> {
  readonly label: string
  readonly cell: (row: Row) => Child
  readonly kind?: 'number' | 'acts'
}

/** Written out, since browsers forget them where a table is shown as a list of cards. */
const roles = {
  table: { role: 'table' },
  rowgroup: { role: 'rowgroup' },
  row: { role: 'row' },
  columnheader: { role: 'columnheader' },
  rowheader: { role: 'rowheader' },
  cell: { role: 'cell' },
} as const

/** A table that becomes a list of cards on a narrow screen. The first column names its row. */
export function DataTable<Row>(props: {
  readonly caption: string
  /** Whether the caption repeats the heading above, and need not be seen. @default false */
  readonly isHeard?: boolean
  readonly columns: readonly Column<Row>[]
  readonly rows: readonly Row[]
  readonly empty: string
  readonly idOf?: (row: Row) => string
  readonly className?: string
}): JSX.Element {
  const { caption, isHeard = false, columns, rows, empty, className = '' } = props
  return (
    <div class={`panel table ${className}`.trim()}>
      <table {...roles.table}>
        <caption class={isHeard ? 'heard' : undefined}>{caption}</caption>
        <thead>
          <tr {...roles.row}>
            {columns.map(({ label, kind }) => (
              <th {...roles.columnheader} scope="col" class={kind}>
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody {...roles.rowgroup}>
          {rows.map(row => (
            <TableRow {...props} row={row} />
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p class="empty">{empty}</p>}
    </div>
  )
}

/** One row of a {@link DataTable}, also alone for a script to put into it. */
export function TableRow<Row>(props: {
  readonly columns: readonly Column<Row>[]
  readonly row: Row
  readonly idOf?: (row: Row) => string
}): JSX.Element {
  const { columns, row, idOf } = props
  const [first, ...rest] = columns
  return (
    <tr {...roles.row} data-entry={idOf?.(row)}>
      <th {...roles.rowheader} scope="row">
        {first?.cell(row)}
      </th>
      {rest.map(({ label, kind, cell }) => (
        <td {...roles.cell} class={kind} data-label={label}>
          {kind === 'acts' ? cell(row) : <div>{cell(row)}</div>}
        </td>
      ))}
    </tr>
  )
}

/** The way to the next page, and what it cost to get here. */
export function Pager(props: {
  readonly context: PageContext
  readonly path: string
  /** What was searched for: it is searched for on the next page, too. */
  readonly query: Readonly<Record<string, string>>
  readonly cursor: string | null
  readonly note?: string | undefined
  /** Whether a script may go on by itself, since this page shows nothing. @default false */
  readonly isEmpty?: boolean
}): JSX.Element | null {
  const { context, path, query, cursor, note, isEmpty = false } = props
  if (cursor === null && note === undefined) return null
  return (
    <p class="pager">
      {cursor !== null && (
        <a
          class="button"
          href={addressWith(context, path, { ...query, cursor })}
          data-onward={isEmpty ? '1' : undefined}
        >
          {context.texts.admin.goOn}
        </a>
      )}
      {note !== undefined && <span>{note}</span>}
    </p>
  )
}

/** An address within the console, with what is not empty of a query. */
export function addressWith(
  { base }: Pick<PageContext, 'base'>,
  path: string,
  query: Readonly<Record<string, string>>,
): string {
  const set = Object.entries(query).filter(([, value]) => value !== '')
  const text = new URLSearchParams(set).toString()
  return `${base}/admin${path}${text === '' ? '' : `?${text}`}`
}
