import type { Child } from 'hono/jsx'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { PageContext } from './layout.tsx'

/** A form that asks for a page of the console with a query. */
export function SearchForm(props: {
  readonly context: PageContext
  readonly path: string
  readonly isSet: boolean
  readonly children: Child
}): JSX.Element {
  const { context, path, isSet, children } = props
  const { texts, base } = context
  return (
    <form method="get" action={`${base}/admin${path}`} class="search panel">
      {children}
      <div class="actions">
        <button type="submit" class="primary">
          {texts.admin.search}
        </button>
        {isSet && (
          <a class="button plain" href={`${base}/admin${path}`}>
            {texts.admin.clear}
          </a>
        )}
      </div>
    </form>
  )
}

/** One field of a {@link SearchForm}. */
export function SearchField(props: {
  readonly name: string
  readonly label: string
  readonly value: string
  readonly placeholder?: string
}): JSX.Element {
  const { name, label, value, placeholder } = props
  return (
    <div class="field">
      <label for={`search-${name}`}>{label}</label>
      <input
        id={`search-${name}`}
        type="search"
        name={name}
        value={value}
        placeholder={placeholder}
        maxlength={254}
        autocomplete="off"
      />
    </div>
  )
}

/** A choice, as part of any form. */
export function Choice(props: {
  readonly id: string
  readonly name: string
  readonly label: string
  readonly value: string
  readonly options: readonly (readonly [value: string, text: string])[]
}): JSX.Element {
  const { id, name, label, value, options } = props
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <select id={id} name={name}>
        {options.map(([option, text]) => (
          <option value={option} selected={option === value}>
            {text}
          </option>
        ))}
      </select>
    </div>
  )
}
