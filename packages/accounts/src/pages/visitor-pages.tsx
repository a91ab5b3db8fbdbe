import type { JSX } from 'hono/jsx/jsx-runtime'
import { Field, Form, Notice } from './form.tsx'
import { Layout, type PageContext } from './layout.tsx'
import { beginAddress, type SignInProvider } from './providers.ts'

/** What was typed and what is wrong with it: fields by name, and the form as a whole. */
export interface FormState {
  readonly values?: Readonly<Record<string, string>>
  readonly problems?: Readonly<Record<string, string>>
  readonly notice?: { readonly kind: 'good' | 'bad'; readonly text: string }
}

interface VisitorPageProps {
  readonly context: PageContext
  readonly state?: FormState
}

const reveal = ({ texts }: PageContext) => ({
  show: texts.common.showPassword,
  hide: texts.common.hidePassword,
})

/** `/login` */
export function SignInPage(
  props: VisitorPageProps & {
    readonly next: string
    readonly providers: readonly SignInProvider[]
  },
): JSX.Element {
  const { context, state = {}, next, providers } = props
  const { texts, base } = context
  return (
    <Layout context={context} title={texts.signIn.title}>
      <h1>{texts.signIn.title}</h1>
      <StateNotice state={state} />
      <Form context={context} action="/login" submit={texts.common.signIn}>
        <input type="hidden" name="next" value={next} />
        <Field
          name="email"
          type="email"
          label={texts.common.email}
          value={state.values?.['email'] ?? ''}
          autocomplete="username"
          problem={state.problems?.['email']}
        />
        <Field
          name="password"
          type="password"
          label={texts.common.password}
          autocomplete="current-password"
          reveal={reveal(context)}
          problem={state.problems?.['password']}
        />
        <label class="check">
          <input type="checkbox" name="remember" value="1" />
          <span>{texts.signIn.remember}</span>
        </label>
      </Form>
      {providers.length > 0 && (
        <div class="providers">
          <p class="aside">{texts.signIn.or}</p>
          {providers.map(provider => (
            <a class="button" href={beginAddress(provider, next)}>
              {`${texts.signIn.by} ${provider.name}`}
            </a>
          ))}
        </div>
      )}
      <p class="aside">
        <a href={`${base}/forgot`}>{texts.signIn.forgot}</a>
      </p>
      {context.isRegistrationOpen && (
        <p class="aside">
          {texts.signIn.noAccount} <a href={`${base}/register`}>{texts.common.register}</a>
        </p>
      )}
    </Layout>
  )
}

/** `/register` */
export function RegisterPage({ context, state = {} }: VisitorPageProps): JSX.Element {
  const { texts, base } = context
  return (
    <Layout context={context} title={texts.register.title}>
      <h1>{texts.register.title}</h1>
      <StateNotice state={state} />
      <Form context={context} action="/register" submit={texts.common.register}>
        <Field
          name="name"
          label={`${texts.common.name} (${texts.common.optional})`}
          value={state.values?.['name'] ?? ''}
          autocomplete="name"
          isRequired={false}
          problem={state.problems?.['name']}
        />
        <Field
          name="email"
          type="email"
          label={texts.common.email}
          value={state.values?.['email'] ?? ''}
          autocomplete="username"
          problem={state.problems?.['email']}
        />
        <NewPasswordField context={context} label={texts.common.password} state={state} />
      </Form>
      <p class="aside">
        {texts.register.haveAccount} <a href={`${base}/login`}>{texts.common.signIn}</a>
      </p>
    </Layout>
  )
}

/** `/forgot` */
export function ForgotPage({ context, state = {} }: VisitorPageProps): JSX.Element {
  const { texts, base } = context
  return (
    <Layout context={context} title={texts.forgot.title}>
      <h1>{texts.forgot.title}</h1>
      <StateNotice state={state} />
      <p>{texts.forgot.intro}</p>
      <Form context={context} action="/forgot" submit={texts.forgot.send}>
        <Field
          name="email"
          type="email"
          label={texts.common.email}
          value={state.values?.['email'] ?? ''}
          autocomplete="username"
          problem={state.problems?.['email']}
        />
      </Form>
      <p class="aside">
        <a href={`${base}/login`}>{texts.common.back}</a>
      </p>
    </Layout>
  )
}

/** `/reset?token=…`: the token travels on in the form, so that no address with it is opened twice. */
export function ResetPage(props: VisitorPageProps & { readonly token: string }): JSX.Element {
  const { context, state = {}, token } = props
  const { texts } = context
  return (
    <Layout context={context} title={texts.reset.title}>
      <h1>{texts.reset.title}</h1>
      <StateNotice state={state} />
      <Form context={context} action="/reset" submit={texts.reset.set}>
        <input type="hidden" name="token" value={token} />
        <NewPasswordField context={context} label={texts.reset.newPassword} state={state} />
      </Form>
    </Layout>
  )
}

/** A page that only says something, with one way on. */
export function MessagePage(props: {
  readonly context: PageContext
  readonly title: string
  readonly text: string
  readonly onward?: { readonly href: string; readonly text: string }
  /** Seconds after which it is worth trying again: counted down. */
  readonly retryInSeconds?: number
}): JSX.Element {
  const { context, title, text, onward, retryInSeconds } = props
  return (
    <Layout context={context} title={title}>
      <h1>{title}</h1>
      <p>{text}</p>
      {retryInSeconds !== undefined && (
        <p class="countdown" data-seconds={String(retryInSeconds)} aria-live="off">
          {context.texts.errors.retryIn(retryInSeconds)}
        </p>
      )}
      {onward !== undefined && (
        <p>
          <a class="button" href={onward.href}>
            {onward.text}
          </a>
        </p>
      )}
    </Layout>
  )
}

/** A field for a password that is to be chosen. */
export function NewPasswordField(props: {
  readonly context: PageContext
  readonly label: string
  readonly state: FormState
  readonly scope?: string
}): JSX.Element {
  const { context, label, state, scope } = props
  const id = scope === undefined ? 'new-password' : `${scope}-new-password`
  return (
    <Field
      name="new-password"
      scope={scope}
      type="password"
      label={label}
      autocomplete="new-password"
      hint={context.texts.register.passwordHint}
      problem={state.problems?.[id]}
      meter={`${context.base}/password/strength`}
      reveal={reveal(context)}
    />
  )
}

/** The notice of a form, if there is one. */
export function StateNotice({ state }: { readonly state: FormState }): JSX.Element | null {
  if (state.notice === undefined) return null
  return <Notice kind={state.notice.kind}>{state.notice.text}</Notice>
}
