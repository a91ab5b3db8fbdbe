import type { JSX } from 'hono/jsx/jsx-runtime'
import type { AccountView } from '../account/account.ts'
import type { AdminAuditPage } from '../admin/audit.ts'
import type { AdminSession } from '../admin/sessions.ts'
import type { SecondFactorView } from '../flows/second-factor.ts'
import { AuditTable } from './admin-audit-page.tsx'
import { AdminFrame, PostButton, Time } from './admin-frame.tsx'
import { Choice } from './admin-search.tsx'
import { SessionTable } from './admin-sessions-page.tsx'
import { Status } from './admin-users-page.tsx'
import { Form } from './form.tsx'
import type { PageContext } from './layout.tsx'
import type { FormState } from './visitor-pages.tsx'

/** What whoever looks may do to the account. */
export interface UserActions {
  readonly canChange: boolean
  /** One's own second factor is turned off by a code. */
  readonly canResetFactor: boolean
  readonly canEnd: boolean
  readonly canDelete: boolean
  readonly canImpersonate: boolean
  /** Roles that may be given to it; empty when its role cannot be changed. */
  readonly givable: readonly string[]
}

interface UserPageProps {
  readonly context: PageContext
  readonly account: AccountView
  readonly actions: UserActions
  /** Null where there are none. */
  readonly secondFactor: SecondFactorView | null
  readonly sessions: readonly AdminSession[]
  /** Null for those who may not read the log. */
  readonly history: AdminAuditPage | null
  readonly now: number
  readonly state: FormState
}

/** `/admin/users/…` */
export function AdminUserPage(props: UserPageProps): JSX.Element {
  const { context, account, actions, secondFactor, sessions, history, now, state } = props
  const { texts } = context
  const { adminUsers: words } = texts
  const title = account.name === '' ? account.email : account.name
  return (
    <AdminFrame
      context={context}
      section="users"
      title={title}
      state={state}
      aside={<Status context={context} account={account} />}
    >
      <div class="columns">
        <section class="panel">
          <dl class="facts">
            <dt>{texts.common.email}</dt>
            <dd>{account.email}</dd>
            <dt>{words.role}</dt>
            <dd>{account.role}</dd>
            <dt>{words.created}</dt>
            <dd>
              <Time at={account.createdAt} />
            </dd>
            <dt>{words.signedIn}</dt>
            <dd>
              {account.signedInAt === null ? texts.admin.never : <Time at={account.signedInAt} />}
            </dd>
            {secondFactor !== null && (
              <>
                <dt>{words.factorSince}</dt>
                <dd>
                  {secondFactor.since === null ? (
                    words.factorNone
                  ) : (
                    <Time at={secondFactor.since} />
                  )}
                </dd>
              </>
            )}
            <dt>Id</dt>
            <dd>
              <code>{account.id}</code>
            </dd>
          </dl>
          <Access
            context={context}
            account={account}
            actions={actions}
            hasFactor={secondFactor !== null && secondFactor.since !== null}
          />
        </section>
        {actions.givable.length > 0 && (
          <ChangeRole context={context} account={account} actions={actions} />
        )}
        {actions.canImpersonate && (
          <Impersonate context={context} account={account} state={state} />
        )}
      </div>
      <SessionTable context={context} sessions={sessions} now={now} isOfOne />
      {history !== null && (
        <AuditTable context={context} page={history} caption={words.history} isOfOne />
      )}
      {actions.canDelete && (
        <details class="panel">
          <summary>{words.delete}</summary>
          <p>{words.deleteHint}</p>
          <Form context={context} action="/admin/users/delete" submit={words.delete} isDanger>
            <input type="hidden" name="id" value={account.id} />
          </Form>
        </details>
      )}
    </AdminFrame>
  )
}

type SectionProps = Pick<UserPageProps, 'context' | 'account' | 'actions'>

function Access(props: SectionProps & { readonly hasFactor: boolean }) {
  const { context, account, actions, hasFactor } = props
  const { adminUsers: words } = context.texts
  const { canChange, canEnd, canResetFactor } = actions
  if (!canChange && !canEnd) return null
  const isActive = account.status === 'active'
  const fields = { id: account.id }
  return (
    <div class="actions">
      {canEnd && (
        <PostButton
          context={context}
          action="/users/end-sessions"
          fields={fields}
          text={words.endSessions}
          kind="plain"
        />
      )}
      {canChange && isActive && (
        <PostButton
          context={context}
          action="/users/reset"
          fields={fields}
          text={words.sendReset}
          kind="plain"
        />
      )}
      {canResetFactor && hasFactor && (
        <PostButton
          context={context}
          action="/users/second-factor"
          fields={fields}
          text={words.resetFactor}
          kind="plain"
        />
      )}
      {canChange && (
        <PostButton
          context={context}
          action="/users/status"
          fields={{ ...fields, status: isActive ? 'disabled' : 'active' }}
          text={isActive ? words.disable : words.enable}
          kind={isActive ? 'danger' : 'plain'}
        />
      )}
    </div>
  )
}

function ChangeRole({ context, account, actions }: SectionProps) {
  const { adminUsers: words } = context.texts
  return (
    <section class="panel">
      <h2>{words.changeRole}</h2>
      <p class="hint">{words.changeRoleHint}</p>
      <Form context={context} action="/admin/users/role" submit={words.changeRole}>
        <input type="hidden" name="id" value={account.id} />
        <Choice
          id="role"
          name="role"
          label={words.role}
          value={account.role}
          options={actions.givable.map(role => [role, role] as const)}
        />
      </Form>
    </section>
  )
}

function Impersonate(props: Pick<UserPageProps, 'context' | 'account' | 'state'>) {
  const { context, account, state } = props
  const { adminUsers: words } = context.texts
  const problem = state.problems?.['reason']
  return (
    <section class="panel">
      <h2>{words.impersonate}</h2>
      <p class="hint">{words.impersonateHint}</p>
      <Form context={context} action="/admin/users/impersonate" submit={words.impersonate}>
        <input type="hidden" name="id" value={account.id} />
        <div class="field">
          <label for="reason">{words.impersonateReason}</label>
          <textarea
            id="reason"
            name="reason"
            required
            minlength={10}
            maxlength={500}
            aria-invalid={problem === undefined ? undefined : 'true'}
            aria-describedby={problem === undefined ? undefined : 'reason-problem'}
          >
            {state.values?.['reason'] ?? ''}
          </textarea>
          {problem !== undefined && (
            <p class="problem" id="reason-problem">
              {problem}
            </p>
          )}
        </div>
      </Form>
    </section>
  )
}
