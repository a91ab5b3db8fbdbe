const markup: unique symbol = Symbol('markup')

/** Text that is HTML already. Only {@link html} makes it: no request body can pass for it. */
export interface Html {
  readonly [markup]: string
}

/** What may stand in a template. Null and false leave nothing behind. */
export type HtmlValue = Html | string | number | false | null | readonly HtmlValue[]

/** Makes HTML of a template. Every value is escaped that is not HTML itself. */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  const rendered = values.map(render)
  return { [markup]: strings.map((text, index) => text + (rendered[index] ?? '')).join('') }
}

/** A value as the text that goes into the page. */
export function render(value: HtmlValue): string {
  if (value === null || value === false) return ''
  if (typeof value !== 'object') return escapeHtml(String(value))
  return markup in value ? value[markup] : value.map(render).join('')
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`)
}
