import type { JSX } from 'hono/jsx/jsx-runtime'
import type { AdminBlock, AdminBlockPage } from '../admin/limits.ts'
import { AdminFrame, PostButton, Time } from './admin-frame.tsx'
import { Choice, SearchField, SearchForm } from './admin-search.tsx'
import { DataTable, Pager } from './admin-table.tsx'
import type { BlockLength } from './admin-texts.ts'
import { Field, Form } from './form.tsx'
import type { PageContext } from './layout.tsx'
import type { FormState } from './visitor-pages.tsx'

/** `/admin/limits` */
export function AdminLimitsPage(props: {
  readonly context: PageContext
  readonly subject: string
  readonly page: AdminBlockPage
  /** Rules under which whoever looks may block; empty when they may not. */
  readonly rules: readonly string[]
  readonly canUnblock: boolean
  readonly state: FormState
}): JSX.Element {
  const { context, subject, page, rules, state } = props
  const { texts } = context
  const { adminLimits: words } = texts
  return (
    <AdminFrame context={context} section="limits" title={texts.admin.limits} state={state}>
      <SearchForm context={context} path="/limits" isSet={subject !== ''}>
        <SearchField
          name="subject"
          label={words.subject}
          value={subject}
          placeholder={words.subjectHint}
        />
      </SearchForm>
      {rules.length > 0 && <Block context={context} rules={rules} state={state} />}
      <BlockTable {...props} />
      <Pager context={context} path="/limits" query={{ subject }} cursor={page.cursor} />
    </AdminFrame>
  )
}

function BlockTable(props: {
  readonly context: PageContext
  readonly page: AdminBlockPage
  readonly canUnblock: boolean
}) {
  const { context, page, canUnblock } = props
  const { texts } = context
  const { adminLimits: words } = texts
  return (
    <DataTable
      caption={texts.admin.limits}
      isHeard
      rows={page.blocks}
      empty={words.none}
      columns={[
        { label: words.who, cell: block => <Whom context={context} block={block} /> },
        { label: words.rule, cell: ({ rule }) => ruleText(context, rule) },
        {
          label: words.why,
          cell: ({ reason }) => (reason === 'limit' ? words.byRule : reason),
        },
        {
          label: words.until,
          cell: ({ endsAt }) => (endsAt === null ? words.forGood : <Time at={endsAt} />),
        },
        {
          label: texts.admin.actions,
          kind: 'acts',
          cell: ({ rule, version, id, subject }) =>
            canUnblock && (
              <PostButton
                context={context}
                action="/limits/unblock"
                fields={{ rule, version, id }}
                text={words.unblock}
                about={subject ?? ruleText(context, rule)}
              />
            ),
        },
      ]}
    />
  )
}

/** The store knows a digest only; the log may still tell what it stands for. */
function Whom({ context, block }: { readonly context: PageContext; readonly block: AdminBlock }) {
  const { subject, id } = block
  return (
    <>
      <span class="who">{subject ?? context.texts.adminLimits.unknown}</span>
      {subject === null && (
        <p class="hint">
          <code>{id}</code>
        </p>
      )}
    </>
  )
}

function ruleText({ texts }: PageContext, rule: string): string {
  const { rules } = texts.adminLimits
  return (Object.hasOwn(rules, rule) ? rules[rule] : undefined) ?? rule
}

function Block(props: {
  readonly context: PageContext
  readonly rules: readonly string[]
  readonly state: FormState
}) {
  const { context, rules, state } = props
  const { texts } = context
  const { adminLimits: words } = texts
  const { values = {}, problems = {} } = state
  const lengths = Object.keys(words.durations) as BlockLength[]
  return (
    <details class="panel" open={Object.keys(problems).length > 0}>
      <summary>{words.block}</summary>
      <p class="hint">{words.blockIntro}</p>
      <Form context={context} action="/admin/limits/block" submit={words.block} isDanger>
        <div class="columns">
          <Choice
            id="block-rule"
            name="rule"
            label={words.rule}
            value={values['rule'] ?? ''}
            options={rules.map(rule => [rule, ruleText(context, rule)] as const)}
          />
          <Field
            name="subject"
            scope="block"
            label={words.blockSubject}
            value={values['subject'] ?? ''}
            autocomplete="off"
            hint={words.subjectHint}
            problem={problems['block-subject']}
          />
          <Choice
            id="block-length"
            name="length"
            label={words.lasting}
            value={values['length'] ?? 'hour'}
            options={lengths.map(length => [length, words.durations[length]] as const)}
          />
          <Field
            name="reason"
            scope="block"
            label={texts.admin.reason}
            value={values['reason'] ?? ''}
            autocomplete="off"
            problem={problems['block-reason']}
          />
        </div>
      </Form>
    </details>
  )
}
