import type { JSX } from 'hono/jsx/jsx-runtime'
import { drawCode } from '../account/picture.ts'
import type { Enrolment } from '../flows/enrolment.ts'
import type { SecondFactorView } from '../flows/second-factor.ts'
import { Field, Form } from './form.tsx'
import { CsrfField, Layout, type PageContext } from './layout.tsx'
import { type FormState, StateNotice } from './visitor-pages.tsx'

interface FactorPageProps {
  readonly context: PageContext
  readonly state?: FormState
}

/** `/login/code`: the second step of a sign-in. */
export function CodePage(props: FactorPageProps & { readonly next: string }): JSX.Element {
  const { context, state = {}, next } = props
  const { secondFactor: words, common } = context.texts
  const recoveryProblem = state.problems?.['recovery-code']
  return (
    <Layout context={context} title={words.codeTitle}>
      <h1>{words.codeTitle}</h1>
      <StateNotice state={state} />
      <p>{words.codeIntro}</p>
      <Form context={context} action="/login/code" submit={common.signIn}>
        <input type="hidden" name="next" value={next} />
        <CodeField context={context} problem={state.problems?.['code']} />
      </Form>
      <details open={recoveryProblem !== undefined}>
        <summary>{words.useRecovery}</summary>
        <Form context={context} action="/login/code" submit={common.signIn}>
          <input type="hidden" name="next" value={next} />
          <input type="hidden" name="kind" value="recovery" />
          <Field
            name="code"
            scope="recovery"
            label={words.recoveryCode}
            autocomplete="off"
            problem={recoveryProblem}
          />
        </Form>
      </details>
      <p class="aside">
        <a href={`${context.base}/login`}>{common.back}</a>
      </p>
    </Layout>
  )
}

/** `/account/second-factor` */
export function SecondFactorPage(
  props: FactorPageProps & { readonly factor: SecondFactorView },
): JSX.Element {
  const { context, state = {}, factor } = props
  const { texts, base } = context
  const { secondFactor: words } = texts
  return (
    <Layout context={context} title={words.title}>
      <h1>{words.title}</h1>
      <StateNotice state={state} />
      {factor.since === null ? (
        <>
          <p>{words.intro}</p>
          <Form context={context} action="/account/second-factor/start" submit={words.turnOn} />
        </>
      ) : (
        <Manage context={context} state={state} factor={factor} />
      )}
      <p class="aside">
        <a href={`${base}/account`}>{texts.common.back}</a>
      </p>
    </Layout>
  )
}

/** What is done to a second factor that is on: all of it takes a code. */
function Manage(props: Required<Parameters<typeof SecondFactorPage>[0]>) {
  const { context, state, factor } = props
  const { texts, base } = context
  const { secondFactor: words } = texts
  const path = `${base}/account/second-factor`
  return (
    <>
      <p>{words.isOn(factor.recoveryCodesLeft)}</p>
      <form method="post" action={`${path}/codes`} class="stack">
        <CsrfField context={context} />
        <Field
          name="code"
          label={words.anyCode}
          autocomplete="one-time-code"
          hint={words.manageHint}
          problem={state.problems?.['code']}
        />
        <button type="submit" class="primary">
          {words.newCodes}
        </button>
        <button type="submit" formaction={`${path}/start`}>
          {words.replace}
        </button>
        {!factor.isRequired && (
          <button type="submit" formaction={`${path}/remove`} class="danger">
            {words.turnOff}
          </button>
        )}
      </form>
    </>
  )
}

/** `/account/second-factor/setup` */
export function SetupPage(
  props: FactorPageProps & {
    readonly enrolment: Enrolment
    readonly next: string
    /** Whether somebody is to be signed in by it. */
    readonly isSignIn: boolean
  },
): JSX.Element {
  const { context, state = {}, enrolment, next, isSignIn } = props
  const { secondFactor: words, common } = context.texts
  return (
    <Layout context={context} title={words.setupTitle}>
      <h1>{words.setupTitle}</h1>
      <StateNotice state={state} />
      {isSignIn && <p>{words.required}</p>}
      <p>{words.scan}</p>
      <Picture text={enrolment.address} label={words.picture} />
      <p>
        <a href={enrolment.address}>{words.openApp}</a>
      </p>
      <p class="hint">{words.key}</p>
      <p>
        <code class="secret">{enrolment.secret.replace(/.{4}(?=.)/g, '$& ')}</code>
      </p>
      <Form context={context} action="/account/second-factor/setup" submit={words.turnOn}>
        <input type="hidden" name="next" value={next} />
        <CodeField context={context} problem={state.problems?.['code']} />
      </Form>
      <p class="aside">
        <a href={`${context.base}${isSignIn ? '/login' : '/account/second-factor'}`}>
          {common.cancel}
        </a>
      </p>
    </Layout>
  )
}

/** Recovery codes, this once. */
export function RecoveryCodesPage(props: {
  readonly context: PageContext
  readonly codes: readonly string[]
  readonly notice: string
  readonly next: string
}): JSX.Element {
  const { context, codes, notice, next } = props
  const { secondFactor: words, common } = context.texts
  return (
    <Layout context={context} title={words.codesTitle}>
      <h1>{words.codesTitle}</h1>
      <StateNotice state={{ notice: { kind: 'good', text: notice } }} />
      <p>{words.codesIntro}</p>
      <ol class="recovery">
        {codes.map(code => (
          <li>
            <code>{code}</code>
          </li>
        ))}
      </ol>
      <p>
        <a class="button" href={next}>
          {common.goOn}
        </a>
      </p>
    </Layout>
  )
}

function CodeField(props: { readonly context: PageContext; readonly problem: string | undefined }) {
  return (
    <Field
      name="code"
      label={props.context.texts.secondFactor.code}
      autocomplete="one-time-code"
      inputmode="numeric"
      problem={props.problem}
    />
  )
}

/** A QR code, dark on light whatever the colours of the page are: cameras want it so. */
function Picture({ text, label }: { readonly text: string; readonly label: string }) {
  const { size, path } = drawCode(text)
  return (
    <svg class="qr" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shape-rendering="crispEdges" />
    </svg>
  )
}
