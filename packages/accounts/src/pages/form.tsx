import type { Child } from 'hono/jsx'
import { CsrfField, type PageContext } from './layout.tsx'

/** A form that posts to a route of these pages. */
export function Form(props: {
  readonly context: PageContext
  readonly action: string
  readonly submit: string
  readonly isDanger?: boolean
  readonly children?: Child
}) {
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
  readonly label: string
  readonly type?: 'text' | 'email' | 'password'
  readonly value?: string
  readonly autocomplete: string
  readonly hint?: string | undefined
  readonly problem?: string | undefined
  readonly isRequired?: boolean
  readonly meter?: { readonly words: readonly string[] }
  readonly reveal?: { readonly show: string; readonly hide: string }
}) {
  const { name, label, type = 'text', value, autocomplete, hint, problem } = props
  const { isRequired = true, meter, reveal } = props
  const described = [hint && `${name}-hint`, problem && `${name}-problem`].filter(Boolean)
  return (
    <div class="field">
      <label for={name}>{label}</label>
      <div class="control">
        <input
          id={name}
          name={name}
          type={type}
          value={value}
          autocomplete={autocomplete}
          required={isRequired}
          maxlength={type === 'password' ? 512 : 254}
          aria-invalid={problem === undefined ? undefined : 'true'}
          aria-describedby={described.length > 0 ? described.join(' ') : undefined}
        />
        {reveal !== undefined && (
          <button type="button" class="reveal" data-reveal={name} data-hide={reveal.hide} hidden>
            {reveal.show}
          </button>
        )}
      </div>
      {meter !== undefined && (
        <meter
          class="strength"
          data-for={name}
          data-words={meter.words.join('|')}
          min="0"
          max="4"
          value="0"
          hidden
        ></meter>
      )}
      {hint !== undefined && (
        <p class="hint" id={`${name}-hint`}>
          {hint}
        </p>
      )}
      {problem !== undefined && (
        <p class="problem" id={`${name}-problem`}>
          {problem}
        </p>
      )}
    </div>
  )
}

/** What happened to the form sent before, above the next one. */
export function Notice(props: { readonly kind: 'good' | 'bad'; readonly children: Child }) {
  return (
    <p class={`notice ${props.kind}`} role={props.kind === 'bad' ? 'alert' : 'status'}>
      {props.children}
    </p>
  )
}
