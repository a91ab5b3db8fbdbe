import type { Child } from 'hono/jsx'
import type { JSX } from 'hono/jsx/jsx-runtime'
import { CsrfField, type PageContext } from './layout.tsx'

/** A form that posts to a route of these pages. */
export function Form(props: {
  readonly context: PageContext
  readonly action: string
  readonly submit: string
  readonly isDanger?: boolean
  readonly children?: Child
}): JSX.Element {
  const { context, action, submit, isDanger = false, children } = props
  return (
    <form method="post" action={`${context.base}${action}`} class="stack">
      <CsrfField context={context} />
      {children}
      <button type="submit" class={isDanger ? 'danger' : 'primary'}>
        {submit}
      </button>
    </form>
  )
}

/** One labelled field, with what is wrong about it. */
export function Field(props: {
  readonly name: string
  /** Begins the ids of a form's fields where a page has several forms. */
  readonly scope?: string | undefined
  readonly label: string
  readonly type?: 'text' | 'email' | 'password'
  readonly value?: string
  readonly autocomplete: string
  /** Which keys a phone shows. */
  readonly inputmode?: 'numeric' | undefined
  readonly hint?: string | undefined
  readonly problem?: string | undefined
  readonly isRequired?: boolean
  /** Address that judges what is typed. */
  readonly meter?: string | undefined
  readonly reveal?: { readonly show: string; readonly hide: string }
}): JSX.Element {
  const { name, label, type = 'text', value, autocomplete, hint, problem } = props
  const { isRequired = true, inputmode, meter, reveal } = props
  const id = props.scope === undefined ? name : `${props.scope}-${name}`
  const described = [hint && `${id}-hint`, problem && `${id}-problem`].filter(Boolean)
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <div class="control">
        <input
          id={id}
          name={name}
          type={type}
          value={value}
          autocomplete={autocomplete}
          inputmode={inputmode}
          required={isRequired}
          maxlength={type === 'password' ? 512 : 254}
          aria-invalid={problem === undefined ? undefined : 'true'}
          aria-describedby={described.length > 0 ? described.join(' ') : undefined}
        />
        {reveal !== undefined && (
          <button type="button" class="reveal" data-reveal={id} data-hide={reveal.hide} hidden>
            {reveal.show}
          </button>
        )}
      </div>
      {meter !== undefined && (
        <div class="strength" data-for={id} data-judge={meter} hidden>
          <meter min="0" max="4" value="0" aria-hidden="true"></meter>
          <p class="hint" aria-live="polite"></p>
        </div>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p class="problem" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  )
}

/** What happened to the form sent before, above the next one. */
export function Notice(props: {
  readonly kind: 'good' | 'bad'
  readonly children: Child
}): JSX.Element {
  return (
    <p class={`notice ${props.kind}`} role={props.kind === 'bad' ? 'alert' : 'status'}>
      {props.children}
    </p>
  )
}
