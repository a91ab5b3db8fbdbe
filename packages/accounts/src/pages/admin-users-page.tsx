import type { JSX } from 'hono/jsx/jsx-runtime'
import type { AccountView } from '../account/account.ts'
import type { AccountViewPage } from '../flows/administration.ts'
import { AdminFrame, Time } from './admin-frame.tsx'
import { Choice, SearchField, SearchForm } from './admin-search.tsx'
import { DataTable, Pager } from './admin-table.tsx'
import { Field, Form } from './form.tsx'
import type { PageContext } from './layout.tsx'
import type { FormState } from './visitor-pages.tsx'

/** What is searched for among accounts; empty for all. */
export interface UserSearch {
  readonly search: string
  readonly role: string
  readonly status: string
}

/** `/admin/users` */
export function AdminUsersPage(props: {
  readonly context: PageContext
  readonly search: UserSearch
  readonly page: AccountViewPage
  readonly roles: readonly string[]
  /** Roles that whoever looks may give; empty when they may invite nobody. */
  readonly givable: readonly string[]
  readonly state: FormState
}): JSX.Element {
  const { context, search, page, roles, givable, state } = props
  const { texts } = context
  const { adminUsers: words } = texts
  const any = ['', texts.admin.any] as const
  return (
    <AdminFrame context={context} section="users" title={texts.admin.users} state={state}>
      <SearchForm
        context={context}
        path="/users"
        isSet={Object.values(search).some(value => value !== '')}
      >
        <SearchField name="search" label={words.searchHint} value={search.search} />
        <Choice
          id="search-role"
          name="role"
          label={words.role}
          value={search.role}
          options={[any, ...roles.map(role => [role, role] as const)]}
        />
        <Choice
          id="search-status"
          name="status"
          label={words.status}
          value={search.status}
          options={[any, ['active', words.active], ['disabled', words.disabled]]}
        />
      </SearchForm>
      {givable.length > 0 && <Invite context={context} roles={givable} state={state} />}
      <UserTable context={context} accounts={page.accounts} />
      <Pager context={context} path="/users" query={{ ...search }} cursor={page.cursor} />
    </AdminFrame>
  )
}

function UserTable(props: {
  readonly context: PageContext
  readonly accounts: readonly AccountView[]
}) {
  const { context, accounts } = props
  const { texts, base } = context
  const { adminUsers: words } = texts
  return (
    <DataTable
      caption={texts.admin.users}
      isHeard
      rows={accounts}
      empty={words.none}
      columns={[
        {
          label: texts.common.name,
          cell: ({ id, name, email }) => (
            <>
              <span class="who">
                <a href={`${base}/admin/users/${id}`}>{name === '' ? email : name}</a>
              </span>
              {name !== '' && <p class="hint">{email}</p>}
            </>
          ),
        },
        { label: words.role, cell: ({ role }) => role },
        { label: words.status, cell: account => <Status context={context} account={account} /> },
        { label: words.created, cell: ({ createdAt }) => <Time at={createdAt} /> },
        {
          label: words.signedIn,
          cell: ({ signedInAt }) =>
            signedInAt === null ? texts.admin.never : <Time at={signedInAt} />,
        },
      ]}
    />
  )
}

/** Whether an account may be used. */
export function Status(props: {
  readonly context: PageContext
  readonly account: AccountView
}): JSX.Element {
  const { status } = props.account
  const kind = status === 'active' ? 'good' : 'bad'
  return <span class={`tag ${kind}`}>{props.context.texts.adminUsers[status]}</span>
}

function Invite(props: {
  readonly context: PageContext
  readonly roles: readonly string[]
  readonly state: FormState
}) {
  const { context, roles, state } = props
  const { texts } = context
  const { adminUsers: words } = texts
  const { values = {}, problems = {} } = state
  return (
    <details class="panel" open={Object.keys(problems).length > 0}>
      <summary>{words.invite}</summary>
      <p class="hint">{words.inviteIntro}</p>
      <Form context={context} action="/admin/users/invite" submit={words.invite}>
        <div class="columns">
          <Field
            name="email"
            scope="invite"
            type="email"
            label={texts.common.email}
            value={values['email'] ?? ''}
            autocomplete="off"
            problem={problems['invite-email']}
          />
          <Field
            name="name"
            scope="invite"
            label={`${texts.common.name} (${texts.common.optional})`}
            value={values['name'] ?? ''}
            autocomplete="off"
            isRequired={false}
            problem={problems['invite-name']}
          />
          <Choice
            id="invite-role"
            name="role"
            label={words.role}
            value={values['role'] ?? 'user'}
            options={roles.map(role => [role, role] as const)}
          />
        </div>
      </Form>
    </details>
  )
}
