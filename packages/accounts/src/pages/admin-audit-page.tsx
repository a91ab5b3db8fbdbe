import type { AuditEntry } from 'cloakroom'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { AccountView } from '../account/account.ts'
import type { AdminAuditPage } from '../admin/audit.ts'
import { AdminFrame, Time } from './admin-frame.tsx'
import { Choice, SearchField, SearchForm } from './admin-search.tsx'
import { addressWith, type Column, DataTable, Pager, TableRow } from './admin-table.tsx'
import type { PageContext } from './layout.tsx'

/** What is searched for in the log; empty for all. */
export interface AuditFields {
  readonly type: string
  readonly user: string
  readonly actor: string
  readonly ip: string
}

/** `/admin/log` */
export function AdminLogPage(props: {
  readonly context: PageContext
  readonly search: AuditFields
  readonly page: AdminAuditPage
  readonly types: readonly string[]
  /** New entries are put on top of the newest page alone. */
  readonly isNewest: boolean
}): JSX.Element {
  const { context, search, page, types, isNewest } = props
  const { texts } = context
  const { adminAudit: words } = texts
  const query = { ...search }
  return (
    <AdminFrame
      context={context}
      section="audit"
      title={texts.admin.audit}
      aside={
        isNewest && (
          <label class="live hint" data-live={addressWith(context, '/log/rows', query)} hidden>
            <input type="checkbox" checked />
            {texts.admin.live}
          </label>
        )
      }
    >
      <SearchForm
        context={context}
        path="/log"
        isSet={Object.values(search).some(value => value !== '')}
      >
        <Choice
          id="search-type"
          name="type"
          label={words.event}
          value={search.type}
          options={[['', texts.admin.any], ...types.map(type => [type, type] as const)]}
        />
        <SearchField name="user" label={words.user} value={search.user} />
        <SearchField name="actor" label={words.actor} value={search.actor} />
        <SearchField name="ip" label={words.address} value={search.ip} />
      </SearchForm>
      <AuditTable context={context} page={page} caption={texts.admin.audit} />
      <Pager
        context={context}
        path="/log"
        query={query}
        cursor={page.cursor}
        isEmpty={page.entries.length === 0}
      />
      <p class="pager">
        <span>{words.export}:</span>
        <a href={addressWith(context, '/log/export', { ...query, format: 'jsonl' })}>JSON Lines</a>
        <a href={addressWith(context, '/log/export', { ...query, format: 'csv' })}>CSV</a>
      </p>
    </AdminFrame>
  )
}

interface EntriesProps {
  readonly context: Pick<PageContext, 'texts' | 'base'>
  readonly page: AdminAuditPage
  /** Whether all of them are about one user, who needs no column then. */
  readonly isOfOne?: boolean
}

/** Entries of the log. */
export function AuditTable(props: EntriesProps & { readonly caption: string }): JSX.Element {
  const { context, page, caption } = props
  return (
    <DataTable
      className="log"
      caption={caption}
      isHeard={props.isOfOne !== true}
      rows={page.entries}
      empty={context.texts.adminAudit.none}
      idOf={idOf}
      columns={columnsOf(props)}
    />
  )
}

/** The rows alone, for a script to put into the table. */
export function AuditRows(props: EntriesProps): JSX.Element {
  const columns = columnsOf(props)
  return (
    <table>
      <tbody>
        {props.page.entries.map(row => (
          <TableRow columns={columns} row={row} idOf={idOf} />
        ))}
      </tbody>
    </table>
  )
}

function idOf({ sequence }: AuditEntry): string {
  return String(sequence)
}

function columnsOf(props: EntriesProps): readonly Column<AuditEntry>[] {
  const { context, page, isOfOne = false } = props
  const { adminAudit: words } = context.texts
  const person = (id: string | undefined) =>
    id !== undefined && <Person context={context} id={id} account={page.people.get(id)} />
  const user: Column<AuditEntry> = { label: words.user, cell: row => person(row.event?.userId) }
  return [
    {
      label: words.event,
      cell: ({ event }) => (event === null ? words.unreadable : <code>{event.type}</code>),
    },
    {
      label: words.when,
      cell: ({ event }) => event !== null && <Time at={event.at} hasSeconds />,
    },
    ...(isOfOne ? [] : [user]),
    { label: words.actor, cell: ({ event }) => person(event?.actorId) },
    {
      label: words.address,
      cell: ({ event }) =>
        event?.ip !== undefined && (
          <a href={addressWith(context, '/log', { ip: event.ip })}>{event.ip}</a>
        ),
    },
    { label: words.details, cell: ({ event }) => event !== null && detailsOf(event) },
  ]
}

function Person(props: {
  readonly context: Pick<PageContext, 'base'>
  readonly id: string
  readonly account: AccountView | undefined
}) {
  const { context, id, account } = props
  if (account === undefined) {
    return <a href={addressWith(context, '/log', { user: id })}>{id}</a>
  }
  const name = account.name === '' ? account.email : account.name
  return <a href={`${context.base}/admin/users/${account.id}`}>{name}</a>
}

function detailsOf({ reason, details = {} }: NonNullable<AuditEntry['event']>): string {
  const facts = Object.entries(details).map(([name, value]) => `${name}: ${value}`)
  return [reason ?? [], facts].flat().join(' · ')
}
