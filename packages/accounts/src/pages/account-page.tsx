import type { JSX } from 'hono/jsx/jsx-runtime'
import type { SecondFactorView } from '../flows/second-factor.ts'
import { Field, Form } from './form.tsx'
import { CsrfField, Layout, type PageContext } from './layout.tsx'
import { type FormState, NewPasswordField, StateNotice } from './visitor-pages.tsx'

/** A session in the list of one's own. */
export interface SessionRow {
  readonly id: string
  readonly device: string | null
  readonly ip: string | null
  readonly seenSecondsAgo: number
  readonly startedSecondsAgo: number
  readonly isCurrent: boolean
}

/** `/account`. Problems go by the ids of fields, such as `email-password`. */
export function AccountPage(props: {
  readonly context: PageContext
  readonly profile: { readonly name: string; readonly email: string }
  readonly sessions: readonly SessionRow[]
  /** Null where there are none. */
  readonly secondFactor: SecondFactorView | null
  readonly state?: FormState
}): JSX.Element {
  const { context, profile, sessions, secondFactor, state = {} } = props
  const { texts } = context
  const proofFor = (scope: string) => (
    <Field
      name="password"
      scope={scope}
      type="password"
      label={texts.account.currentPassword}
      autocomplete="current-password"
      problem={state.problems?.[`${scope}-password`]}
    />
  )
  return (
    <Layout context={context} title={texts.account.title} width="wide">
      <h1>{texts.account.title}</h1>
      <StateNotice state={state} />
      <SessionSection context={context} sessions={sessions} />
      <div class="columns">
        <section class="panel">
          <h2>{texts.account.profile}</h2>
          <Form context={context} action="/account/profile" submit={texts.common.save}>
            <Field
              name="name"
              scope="profile"
              label={texts.common.name}
              value={state.values?.['name'] ?? profile.name}
              autocomplete="name"
              isRequired={false}
              problem={state.problems?.['profile-name']}
            />
          </Form>
        </section>
        <section class="panel">
          <h2>{texts.account.changePassword}</h2>
          <Form context={context} action="/account/password" submit={texts.account.changePassword}>
            {proofFor('change')}
            <NewPasswordField
              context={context}
              scope="change"
              label={texts.account.newPassword}
              state={state}
            />
          </Form>
        </section>
        {secondFactor !== null && (
          <SecondFactorSection context={context} secondFactor={secondFactor} />
        )}
        <section class="panel">
          <h2>{texts.account.changeEmail}</h2>
          <p class="hint">{profile.email}</p>
          <Form context={context} action="/account/email" submit={texts.account.changeEmail}>
            <Field
              name="email"
              scope="email"
              type="email"
              label={texts.account.newEmail}
              value={state.values?.['email'] ?? ''}
              autocomplete="email"
              problem={state.problems?.['email-email']}
            />
            {proofFor('email')}
          </Form>
        </section>
        <section class="panel">
          <h2>{texts.account.deleteAccount}</h2>
          <p>{texts.account.deleteIntro}</p>
          <Form
            context={context}
            action="/account/delete"
            submit={texts.account.deleteConfirm}
            isDanger
          >
            {proofFor('delete')}
          </Form>
        </section>
      </div>
    </Layout>
  )
}

function SecondFactorSection(props: {
  readonly context: PageContext
  readonly secondFactor: SecondFactorView
}) {
  const { context, secondFactor } = props
  const words = context.texts.secondFactor
  const isOn = secondFactor.since !== null
  return (
    <section class="panel">
      <h2>{words.title}</h2>
      <p>{isOn ? words.isOn(secondFactor.recoveryCodesLeft) : words.isOff}</p>
      <p>
        <a class="button" href={`${context.base}/account/second-factor`}>
          {isOn ? words.manage : words.turnOn}
        </a>
      </p>
    </section>
  )
}

function SessionSection(props: {
  readonly context: PageContext
  readonly sessions: readonly SessionRow[]
}) {
  const { context, sessions } = props
  const { texts, base } = context
  return (
    <section class="panel">
      <h2>{texts.account.sessions}</h2>
      <p class="hint">{texts.account.sessionsIntro}</p>
      <ul class="rows">
        {sessions.map(session => (
          <li>
            <div>
              <strong>{session.device ?? texts.account.unknownDevice}</strong>
              {session.isCurrent && <span class="tag">{texts.account.thisDevice}</span>}
              <p class="hint">
                {session.ip ?? texts.account.unknownAddress} · {texts.account.lastSeen}{' '}
                {texts.ago(session.seenSecondsAgo)} · {texts.account.signedIn}{' '}
                {texts.ago(session.startedSecondsAgo)}
              </p>
            </div>
            {!session.isCurrent && (
              <form method="post" action={`${base}/account/sessions/end`}>
                <CsrfField context={context} />
                <button type="submit" name="id" value={session.id} class="quiet">
                  {texts.account.end}
                </button>
              </form>
            )}
          </li>
        ))}
      </ul>
      <form method="post" action={`${base}/account/sessions/end-others`} class="actions">
        <CsrfField context={context} />
        <button type="submit" disabled={sessions.length < 2}>
          {texts.account.endOthers}
        </button>
        <button type="submit" formaction={`${base}/account/sessions/end-all`} class="quiet">
          {texts.account.endEverywhere}
        </button>
      </form>
    </section>
  )
}

/** Asks for the password before something sensitive, and then sends what was sent before. */
export function ConfirmPage(props: {
  readonly context: PageContext
  /** Where the form goes, below the base. */
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
  /** Where to go instead, below the base. @default '/account' */
  readonly cancel?: string | undefined
  readonly state: FormState
}): JSX.Element {
  const { context, action, fields, cancel = '/account', state } = props
  const { texts, base } = context
  return (
    <Layout context={context} title={texts.account.confirmTitle}>
      <h1>{texts.account.confirmTitle}</h1>
      <p>{texts.account.confirmIntro}</p>
      <Form context={context} action={action} submit={texts.account.confirm}>
        {Object.entries(fields).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <Field
          name="password"
          type="password"
          label={texts.account.currentPassword}
          autocomplete="current-password"
          problem={state.problems?.['password']}
        />
      </Form>
      <p class="aside">
        <a href={`${base}${cancel}`}>{texts.common.cancel}</a>
      </p>
    </Layout>
  )
}
