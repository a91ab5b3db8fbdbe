/** @jsxImportSource react */
import {
  type FormEvent,
  type ReactElement,
  type ReactNode,
  useEffect,
  useId,
  useRef,
  useState,
} from 'react'

/** Properties of {@link Form}. */
export interface FormProps {
  readonly submit: string
  readonly children?: ReactNode
  /** Comes after the button that sends. */
  readonly after?: ReactNode
  /** What is wrong with what was sent before. */
  readonly problem?: string | undefined
  /** Called with the texts of the fields, by name; those not ticked are missing. */
  onSend(fields: Readonly<Record<string, string>>): Promise<unknown>
}

/** A form that is sent by script, once at a time. */
export function Form({ submit, children, after, problem, onSend }: FormProps): ReactElement {
  const [isBusy, setBusy] = useState(false)

  async function send(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault()
    if (isBusy) return
    setBusy(true)
    await onSend(readFields(event.currentTarget)).finally(() => setBusy(false))
  }

  return (
    <form className="cloakroom-form" onSubmit={event => void send(event)}>
      {problem !== undefined && (
        <p className="cloakroom-problem" role="alert">
          {problem}
        </p>
      )}
      {children}
      <button type="submit" aria-disabled={isBusy}>
        {submit}
      </button>
      {after}
    </form>
  )
}

/** Properties of {@link Field}. */
export interface FieldProps {
  readonly name: string
  readonly label: string
  readonly type?: 'text' | 'email' | 'password'
  readonly autoComplete: string
  /** Which keys a phone shows. */
  readonly inputMode?: 'text' | 'numeric' | undefined
  readonly isRequired?: boolean
  /** Whether it takes the focus when it appears: only where somebody asked for it. */
  readonly takesFocus?: boolean
  readonly problem?: string | undefined
}

/** One labelled field, with what is wrong about it. */
export function Field(props: FieldProps): ReactElement {
  const { name, label, type = 'text', autoComplete, isRequired = true, problem } = props
  const { inputMode, takesFocus = false } = props
  const id = useId()
  const input = useRef<HTMLInputElement & Focusable>(null)
  useEffect(() => {
    if (takesFocus) input.current?.focus()
  }, [takesFocus])
  const isWrong = problem !== undefined
  return (
    <div className="cloakroom-field">
      <label htmlFor={id}>{label}</label>
      <input
        ref={input}
        id={id}
        name={name}
        type={type}
        autoComplete={autoComplete}
        inputMode={inputMode}
        required={isRequired}
        aria-invalid={isWrong}
        aria-describedby={isWrong ? `${id}-problem` : undefined}
      />
      {isWrong && (
        <p className="cloakroom-problem" role="alert" id={`${id}-problem`}>
          {problem}
        </p>
      )}
    </div>
  )
}

/** A box to be ticked. */
export function Tick(props: { readonly name: string; readonly label: string }): ReactElement {
  const { name, label } = props
  const id = useId()
  return (
    <div className="cloakroom-tick">
      <input id={id} name={name} type="checkbox" value="1" />
      <label htmlFor={id}>{label}</label>
    </div>
  )
}

// The types of browsers are not known in a package that runs on servers as well.
interface Focusable {
  focus(): void
}

function readFields(form: HTMLFormElement): Readonly<Record<string, string>> {
  const fields: Record<string, string> = {}
  const { FormData: Reader } = globalThis as unknown as { FormData: new (form: object) => FormData }
  new Reader(form).forEach((value, name) => {
    if (typeof value === 'string') fields[name] = value
  })
  return fields
}
