import type { JSX } from 'hono/jsx/jsx-runtime'
import { Field, Form } from './form.tsx'
import { Layout, type PageContext } from './layout.tsx'
import { type FormState, NewPasswordField, StateNotice } from './visitor-pages.tsx'

interface LinkPageProps {
  readonly context: PageContext
  readonly token: string
  readonly state?: FormState
}

/**
 * `/verify?token=…`: mail programs open links by themselves, so a person has to do something. The
 * password proves that it is the one who registered, and not whoever reads the mail.
 */
export function VerifyPage({ context, token, state = {} }: LinkPageProps): JSX.Element {
  const { texts } = context
  return (
    <Layout context={context} title={texts.verify.title}>
      <h1>{texts.verify.title}</h1>
      <StateNotice state={state} />
      <p>{texts.verify.question}</p>
      <Form context={context} action="/verify" submit={texts.verify.confirm}>
        <input type="hidden" name="token" value={token} />
        <Field
          name="password"
          type="password"
          label={texts.common.password}
          autocomplete="current-password"
          problem={state.problems?.['password']}
          reveal={{ show: texts.common.showPassword, hide: texts.common.hidePassword }}
        />
      </Form>
    </Layout>
  )
}

/** `/invitation?token=…` */
export function InvitationPage({ context, token, state = {} }: LinkPageProps): JSX.Element {
  const { texts } = context
  return (
    <Layout context={context} title={texts.invitation.title}>
      <h1>{texts.invitation.title}</h1>
      <StateNotice state={state} />
      <p>{texts.invitation.intro}</p>
      <Form context={context} action="/invitation" submit={texts.common.register}>
        <input type="hidden" name="token" value={token} />
        <Field
          name="name"
          label={`${texts.common.name} (${texts.common.optional})`}
          value={state.values?.['name'] ?? ''}
          autocomplete="name"
          isRequired={false}
          problem={state.problems?.['name']}
        />
        <NewPasswordField context={context} label={texts.common.password} state={state} />
      </Form>
    </Layout>
  )
}

/** `/account/email?token=…` */
export function ConfirmEmailPage({ context, token }: LinkPageProps): JSX.Element {
  const { texts } = context
  return (
    <Layout context={context} title={texts.email.title}>
      <h1>{texts.email.title}</h1>
      <p>{texts.email.question}</p>
      <Form context={context} action="/account/email/confirm" submit={texts.verify.confirm}>
        <input type="hidden" name="token" value={token} />
      </Form>
    </Layout>
  )
}
