import type { Child } from 'hono/jsx'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { AdminSection } from '../admin/admin.ts'
import { CsrfField, Layout, type PageContext } from './layout.tsx'
import { type FormState, StateNotice } from './visitor-pages.tsx'

/** Where each part of the console is, below its own address. */
export const sectionPaths: Readonly<Record<AdminSection, string>> = {
  overview: '',
  sessions: '/sessions',
  users: '/users',
  limits: '/limits',
  audit: '/log',
  keys: '/keys',
  health: '/health',
}

/** The frame of a page of the console. */
export function AdminFrame(props: {
  readonly context: PageContext
  readonly section: AdminSection
  readonly title: string
  readonly state?: FormState | undefined
  /** Beside the heading. */
  readonly aside?: Child
  readonly hasCharts?: boolean
  readonly children: Child
}): JSX.Element {
  const { context, section, title, state = {}, aside, hasCharts = false, children } = props
  const charts = hasCharts ? (['charts.js'] as const) : []
  return (
    <Layout
      context={context}
      title={title}
      width="console"
      extras={['admin.css', 'admin.js', ...charts]}
    >
      <Tabs context={context} section={section} />
      <div class="head">
        <h1>{title}</h1>
        {aside}
      </div>
      <StateNotice state={state} />
      {children}
    </Layout>
  )
}

function Tabs(props: { readonly context: PageContext; readonly section: AdminSection }) {
  const { texts, base, sections } = props.context
  return (
    <nav class="tabs" aria-label={texts.admin.title}>
      {sections.map(name => (
        <a
          href={`${base}/admin${sectionPaths[name]}`}
          aria-current={name === props.section ? 'page' : undefined}
        >
          {texts.admin[name]}
        </a>
      ))}
    </nav>
  )
}

/** An instant, in UTC; a script writes it in the time of whoever reads it. */
export function Time(props: { readonly at: number; readonly hasSeconds?: boolean }): JSX.Element {
  const iso = new Date(props.at).toISOString()
  const { hasSeconds = false } = props
  return (
    <time datetime={iso} data-seconds={hasSeconds ? '1' : undefined}>
      {`${iso.slice(0, 10)} ${iso.slice(11, hasSeconds ? 19 : 16)} UTC`}
    </time>
  )
}

/** A form of a single button. */
export function PostButton(props: {
  readonly context: PageContext
  /** Where it goes, below the console. */
  readonly action: string
  readonly fields: Readonly<Record<string, string>>
  readonly text: string
  /** What of the button's row it is about, for those who hear only the button. */
  readonly about?: string | undefined
  readonly kind?: 'quiet' | 'danger' | 'plain'
}): JSX.Element {
  const { context, action, fields, text, about, kind = 'quiet' } = props
  return (
    <form method="post" action={`${context.base}/admin${action}`}>
      <CsrfField context={context} />
      {Object.entries(fields).map(([name, value]) => (
        <input type="hidden" name={name} value={value} />
      ))}
      <button
        type="submit"
        class={kind === 'plain' ? undefined : kind}
        aria-label={about === undefined ? undefined : `${text}: ${about}`}
      >
        {text}
      </button>
    </form>
  )
}

/** What a number is in the language of the page. */
export function numberText({ texts }: Pick<PageContext, 'texts'>, value: number): string {
  return new Intl.NumberFormat(texts.language).format(value)
}
