import type { Hono } from 'hono'
import type { AccountView } from '../account/account.ts'
import type { Refusal, Success } from '../flows/outcome.ts'
import { visitOf } from '../web/request.ts'
import { type AdminPageParts, cursorOf, noticeOf, problem, queryOf } from './admin-parts.ts'
import { AdminUserPage } from './admin-user-page.tsx'
import { AdminUsersPage } from './admin-users-page.tsx'
import { answerRefusal, type CommonRefusal } from './answers.tsx'
import { createConfirmation } from './confirmation.tsx'
import { type PageStatus, show } from './renderer.ts'
import { type FormTexts, type PageEnv, type PageRequest, readForm } from './request.ts'
import type { FormState } from './visitor-pages.tsx'

/** Adds the pages about accounts. */
export function addAdminUserRoutes(app: Hono<PageEnv>, parts: AdminPageParts): void {
  const { texts } = parts
  const { adminUsers: words } = texts

  app.get('/admin/users', request => {
    const state = noticeOf(request, { invited: words.invited, deleted: words.deleted })
    return showUsers(parts, request, { state })
  })

  app.get('/admin/users/:id', request => {
    const notices = {
      changed: words.changed,
      ended: words.sessionsEnded,
      reset: words.resetSent,
      factor: words.factorReset,
    }
    const state = noticeOf(request, notices)
    return showUser(parts, request, { accountId: request.req.param('id'), state })
  })

  addInvitation(app, parts)
  addChanges(app, parts)
  addImpersonation(app, parts)
}

function addInvitation(app: Hono<PageEnv>, parts: AdminPageParts): void {
  const { accounts, texts, base } = parts
  const { adminUsers: words, fieldProblems } = texts
  const { confirmed } = createConfirmation(parts)

  app.post('/admin/users/invite', async request => {
    const form = await readForm(request)
    const input = { email: form('email'), name: form('name'), role: form('role') }
    const problems = {
      email: { 'invite-email': fieldProblems.email },
      taken: { 'invite-email': words.taken },
      name: { 'invite-name': fieldProblems.name },
      role: { 'invite-email': words.roleDenied },
    }
    return confirmed(request, { form, fields: input, cancel: '/admin/users' }, async () => {
      const result = await accounts.invite(input, visitOf(request))
      if (result.ok) return request.redirect(`${base}/admin/users?done=invited`, 303)
      switch (result.reason) {
        case 'email':
        case 'taken':
        case 'name':
        case 'role': {
          const state = { values: input, problems: problems[result.reason] }
          return showUsers(parts, request, { state, status: 422 })
        }
        default:
          return result
      }
    })
  })
}

type Result = Success | CommonRefusal | Refusal<'last-admin'> | Refusal<'role'>

/** What is done to one account by a form that names it. */
interface Change {
  /** The last part of its address. */
  readonly path: string
  readonly fields: readonly string[]
  readonly act: (form: FormTexts, request: PageRequest) => Promise<Result>
  /** What the page afterwards says; null when there is no more page of the account. */
  readonly done: string | null
}

function addChanges(app: Hono<PageEnv>, parts: AdminPageParts): void {
  const { accounts, texts, base } = parts
  const { confirmed } = createConfirmation(parts)
  const refusals = { 'last-admin': texts.adminUsers.lastAdmin, role: texts.adminUsers.roleDenied }
  const changes: readonly Change[] = [
    {
      path: 'role',
      fields: ['role'],
      done: 'changed',
      act: (form, request) =>
        accounts.changeRole({ accountId: form('id'), role: form('role') }, visitOf(request)),
    },
    {
      path: 'status',
      fields: ['status'],
      done: 'changed',
      act: (form, request) => {
        const status = form('status') === 'active' ? 'active' : 'disabled'
        return accounts.setStatus({ accountId: form('id'), status }, visitOf(request))
      },
    },
    {
      path: 'end-sessions',
      fields: [],
      done: 'ended',
      act: (form, request) => accounts.endSessions({ accountId: form('id') }, visitOf(request)),
    },
    {
      path: 'reset',
      fields: [],
      done: 'reset',
      act: (form, request) => accounts.startReset({ accountId: form('id') }, visitOf(request)),
    },
    {
      path: 'second-factor',
      fields: [],
      done: 'factor',
      act: (form, request) =>
        accounts.resetSecondFactor({ accountId: form('id') }, visitOf(request)),
    },
    {
      path: 'delete',
      fields: [],
      done: null,
      act: (form, request) => accounts.deleteAccount({ accountId: form('id') }, visitOf(request)),
    },
  ]

  for (const { path, fields, act, done } of changes) {
    app.post(`/admin/users/${path}`, async request => {
      const form = await readForm(request)
      const accountId = form('id')
      const page = `/admin/users/${encodeURIComponent(accountId)}`
      const again = Object.fromEntries(['id', ...fields].map(name => [name, form(name)]))
      return confirmed(request, { form, fields: again, cancel: page }, async () => {
        const result = await act(form, request)
        if (result.ok) {
          const next = done === null ? '/admin/users?done=deleted' : `${page}?done=${done}`
          return request.redirect(`${base}${next}`, 303)
        }
        if (result.reason !== 'last-admin' && result.reason !== 'role') return result
        const state = problem(refusals[result.reason])
        return showUser(parts, request, { accountId, state, status: 409 })
      })
    })
  }
}

function addImpersonation(app: Hono<PageEnv>, parts: AdminPageParts): void {
  const { accounts, texts, theme } = parts
  const { confirmed } = createConfirmation(parts)

  app.post('/admin/users/impersonate', async request => {
    const form = await readForm(request)
    const [id, reason] = [form('id'), form('reason')]
    const cancel = `/admin/users/${encodeURIComponent(id)}`
    return confirmed(request, { form, fields: { id, reason }, cancel }, async () => {
      const result: Success | CommonRefusal | Refusal<'reason'> = await accounts.impersonate(
        { accountId: id, reason },
        visitOf(request),
      )
      if (result.ok) return request.redirect(theme.home, 303)
      if (result.reason !== 'reason') return result
      const problems = { reason: texts.adminUsers.reasonShort }
      const state = { values: { reason }, problems }
      return showUser(parts, request, { accountId: id, state, status: 422 })
    })
  })
}

async function showUsers(
  parts: AdminPageParts,
  request: PageRequest,
  { state, status = 200 }: { state: FormState; status?: PageStatus },
): Promise<Response> {
  const { accounts, admin } = parts
  const visit = visitOf(request)
  const search = {
    search: queryOf(request, 'search'),
    role: queryOf(request, 'role'),
    status: queryOf(request, 'status'),
  }
  const query = {
    search: search.search === '' ? undefined : search.search,
    role: admin.roles.find(role => role === search.role),
    status: (['active', 'disabled'] as const).find(name => name === search.status),
    cursor: cursorOf(request),
  }
  const result = await accounts.listAccounts(query, visit)
  if (!result.ok) return answerRefusal(parts, request, result)
  const inviter = await accounts.authorize({ permission: 'accounts:invite' }, visit)
  const canInvite = inviter.ok && !accounts.lacks.has('creation')
  return show(parts, request, {
    status,
    page: context => (
      <AdminUsersPage
        context={context}
        search={search}
        page={result}
        roles={admin.roles}
        givable={canInvite ? admin.rolesGivableBy(inviter.actor) : []}
        state={state}
      />
    ),
  })
}

async function showUser(
  parts: AdminPageParts,
  request: PageRequest,
  about: { accountId: string; state: FormState; status?: PageStatus },
): Promise<Response> {
  const { accounts, admin, clock } = parts
  const { accountId, state, status = 200 } = about
  const visit = visitOf(request)
  const found = await accounts.findAccount({ accountId }, visit)
  if (!found.ok) return answerRefusal(parts, request, found)
  const viewer = await accounts.authorize({ permission: 'accounts:read' }, visit)
  if (!viewer.ok) return answerRefusal(parts, request, viewer)
  const { account } = found
  const [factor, sessions, history] = await Promise.all([
    accounts.findSecondFactorOf({ accountId }, visit),
    admin.searchSessions({ user: account.id }, visit),
    admin.can(viewer.actor, 'audit:read')
      ? admin.readAudit({ userId: account.id, limit: 10 }, visit)
      : null,
  ])
  return show(parts, request, {
    status,
    page: context => (
      <AdminUserPage
        context={context}
        account={account}
        actions={actionsOf(parts, viewer.actor, account)}
        secondFactor={factor.ok ? factor : null}
        sessions={sessions.ok ? sessions.sessions : []}
        history={history?.ok ? history : null}
        now={clock.now()}
        state={state}
      />
    ),
  })
}

function actionsOf({ admin, accounts }: AdminPageParts, actor: AccountView, account: AccountView) {
  const { lacks } = accounts
  const can = (permission: Parameters<typeof admin.can>[1]): boolean =>
    admin.can(actor, permission, account)
  return {
    canChange: can('accounts:change'),
    canResetFactor: can('accounts:change') && actor.id !== account.id,
    canEnd: can('sessions:end'),
    canDelete: can('accounts:delete') && !lacks.has('deletion'),
    canImpersonate: can('accounts:impersonate') && admin.canActAs(actor, account),
    givable: can('accounts:roles') && !lacks.has('roles') ? admin.rolesGivableBy(actor) : [],
  }
}
