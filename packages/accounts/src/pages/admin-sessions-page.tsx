import type { JSX } from 'hono/jsx/jsx-runtime'
import type { AdminSession, AdminSessionPage } from '../admin/sessions.ts'
import { AdminFrame, numberText, PostButton, Time } from './admin-frame.tsx'
import { SearchField, SearchForm } from './admin-search.tsx'
import { addressWith, type Column, DataTable, Pager } from './admin-table.tsx'
import { CsrfField, type PageContext } from './layout.tsx'
import type { FormState } from './visitor-pages.tsx'

/** What is searched for among sessions; empty for all. */
export interface SessionSearch {
  readonly user: string
  readonly address: string
  readonly device: string
}

/** `/admin/sessions` */
export function AdminSessionsPage(props: {
  readonly context: PageContext
  readonly search: SessionSearch
  readonly page: AdminSessionPage
  readonly now: number
  /** Whether whoever looks may end sessions whoever they belong to. */
  readonly canEndAny: boolean
  readonly state: FormState
}): JSX.Element {
  const { context, search, page, canEndAny, state } = props
  const { texts } = context
  const { adminSessions: words } = texts
  const isSet = Object.values(search).some(value => value !== '')
  const { examined, sessions, cursor } = page
  const note =
    examined > sessions.length ? texts.admin.examined(numberText(context, examined)) : undefined
  return (
    <AdminFrame context={context} section="sessions" title={texts.admin.sessions} state={state}>
      <SearchForm context={context} path="/sessions" isSet={isSet}>
        <SearchField
          name="user"
          label={words.user}
          value={search.user}
          placeholder={words.userHint}
        />
        <SearchField name="address" label={words.address} value={search.address} />
        <SearchField name="device" label={words.device} value={search.device} />
      </SearchForm>
      {search.address !== '' && canEndAny && (
        <EndAddress context={context} address={search.address} />
      )}
      <SessionTable {...props} sessions={sessions} />
      <Pager
        context={context}
        path="/sessions"
        query={{ ...search }}
        cursor={cursor}
        note={note}
        isEmpty={isSet && sessions.length === 0}
      />
    </AdminFrame>
  )
}

function EndAddress(props: { readonly context: PageContext; readonly address: string }) {
  const { context, address } = props
  const { adminSessions: words } = context.texts
  return (
    <form method="post" action={`${context.base}/admin/sessions/end-address`} class="panel head">
      <CsrfField context={context} />
      <input type="hidden" name="address" value={address} />
      <p>{words.endAddressHint(address)}</p>
      <button type="submit" class="danger">
        {words.endAddress}
      </button>
    </form>
  )
}

/** Sessions, each with a button to end it where that may be done. */
export function SessionTable(props: {
  readonly context: PageContext
  readonly sessions: readonly AdminSession[]
  readonly now: number
  /** Whether all of them are of one user, who needs no column then. */
  readonly isOfOne?: boolean
}): JSX.Element {
  const { context, sessions, now, isOfOne = false } = props
  const { texts } = context
  const { adminSessions: words } = texts
  const ago = (at: number): string => texts.ago(Math.max(0, Math.floor((now - at) / 1000)))
  const user: Column<AdminSession> = {
    label: words.user,
    cell: row => <Person context={context} session={row} />,
  }
  return (
    <DataTable
      caption={texts.admin.sessions}
      isHeard={!isOfOne}
      rows={sessions}
      empty={words.none}
      columns={[
        ...(isOfOne ? [] : [user]),
        { label: words.device, cell: row => row.device ?? texts.account.unknownDevice },
        {
          label: words.address,
          cell: ({ ip }) =>
            ip === null ? (
              texts.account.unknownAddress
            ) : (
              <a href={addressWith(context, '/sessions', { address: ip })}>{ip}</a>
            ),
        },
        { label: words.began, cell: row => ago(row.createdAt) },
        { label: words.seen, cell: row => ago(row.seenAt) },
        { label: words.ends, cell: row => <Time at={row.expiresAt} /> },
        {
          label: texts.admin.actions,
          kind: 'acts',
          cell: row =>
            row.canEnd &&
            !row.isCurrent && (
              <PostButton
                context={context}
                action="/sessions/end"
                fields={{ id: row.id }}
                text={words.end}
                about={`${nameOf(context, row)}, ${row.device ?? row.ip ?? ''}`}
              />
            ),
        },
      ]}
    />
  )
}

function Person(props: { readonly context: PageContext; readonly session: AdminSession }) {
  const { context, session } = props
  const { texts, base, sections } = context
  const { account, isCurrent, actorId } = session
  const name = nameOf(context, session)
  const isLinked = account !== null && sections.includes('users')
  return (
    <>
      <span class="who">
        {isLinked ? <a href={`${base}/admin/users/${account.id}`}>{name}</a> : name}
        {isCurrent && <span class="tag">{texts.adminSessions.current}</span>}
        {actorId !== null && <span class="tag bad">{texts.adminSessions.actsFor}</span>}
      </span>
      {account !== null && account.name !== '' && <p class="hint">{account.email}</p>}
    </>
  )
}

function nameOf({ texts }: PageContext, { account, userId }: AdminSession): string {
  if (account !== null) return account.name === '' ? account.email : account.name
  return userId ?? texts.adminSessions.visitor
}
