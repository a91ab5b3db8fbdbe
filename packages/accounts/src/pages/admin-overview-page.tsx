import { raw } from 'hono/html'
import type { JSX } from 'hono/jsx/jsx-runtime'
import type { AdminOverview, OverviewMinute } from '../admin/overview.ts'
import { AdminFrame, numberText, Time } from './admin-frame.tsx'
import { DataTable } from './admin-table.tsx'
import type { PageContext } from './layout.tsx'

type Series = 'sessions' | 'signIns' | 'failures' | 'limits'

/** `/admin` */
export function AdminOverviewPage(props: {
  readonly context: PageContext
  readonly overview: AdminOverview
}): JSX.Element {
  const { context, overview } = props
  const { texts, base } = context
  const { adminOverview: words } = texts
  return (
    <AdminFrame
      context={context}
      section="overview"
      title={texts.admin.overview}
      hasCharts
      aside={
        <span class="live hint" hidden>
          {texts.admin.live}
        </span>
      }
    >
      <div class="stack" data-activity={`${base}/admin/activity`}>
        <script type="application/json">{raw(jsonFor(overview))}</script>
        <Tiles context={context} overview={overview} />
        <div class="charts">
          <Chart context={context} title={words.sessions} series={['sessions']} />
          <Chart
            context={context}
            title={words.signInsAndFailures}
            series={['signIns', 'failures']}
          />
          <Chart context={context} title={words.limits} series={['limits']} />
        </div>
      </div>
      <details class="panel">
        <summary>{words.byTime}</summary>
        <MinuteTable context={context} minutes={overview.minutes} />
      </details>
      {!overview.isOfAll && <p class="hint">{words.process}</p>}
    </AdminFrame>
  )
}

function Tiles(props: { readonly context: PageContext; readonly overview: AdminOverview }) {
  const { context, overview } = props
  const { adminOverview: words } = context.texts
  const { sessions, soFar, totals } = overview
  const isCounting = sessions === null
  const tiles: readonly (readonly [Series, number | null, string])[] = [
    ['sessions', sessions ?? soFar, isCounting ? words.counting : words.now],
    ['signIns', totals.signIns, words.lastHour],
    ['failures', totals.failures, words.lastHour],
    ['limits', totals.limits, words.lastHour],
  ]
  return (
    <div class="tiles">
      {tiles.map(([name, value, hint]) => (
        <div class="panel tile">
          <span class="hint">{words[name]}</span>
          <strong data-number={name}>{value === null ? '–' : numberText(context, value)}</strong>
          <span class="hint">{hint}</span>
        </div>
      ))}
    </div>
  )
}

/** An empty box: a script draws into it. Without one, the table has the same numbers. */
function Chart(props: {
  readonly context: PageContext
  readonly title: string
  readonly series: readonly Series[]
}) {
  const { context, title, series } = props
  const { adminOverview: words } = context.texts
  return (
    <section class="panel">
      <div class="head">
        <h2>{title}</h2>
        <ul class={series.length === 1 ? 'legend alone' : 'legend'}>
          <li class="at"></li>
          {series.map(name => (
            <li class={`series-${name}`}>
              {words[name]} <b></b>
            </li>
          ))}
        </ul>
      </div>
      <div class="chart" data-series={series.join(' ')} role="img" aria-label={title}></div>
    </section>
  )
}

const minutesPerRow = 5

function MinuteTable(props: {
  readonly context: PageContext
  readonly minutes: readonly OverviewMinute[]
}) {
  const { context, minutes } = props
  const { adminOverview: words } = context.texts
  const rows = Array.from({ length: Math.ceil(minutes.length / minutesPerRow) }, (_, index) =>
    minutes.slice(index * minutesPerRow, (index + 1) * minutesPerRow),
  )
  const sum = (name: Exclude<Series, 'sessions'>) => ({
    label: words[name],
    kind: 'number' as const,
    cell: (row: readonly OverviewMinute[]) =>
      numberText(
        context,
        row.reduce((total, minute) => total + minute[name], 0),
      ),
  })
  return (
    <DataTable
      caption={words.byTime}
      isHeard
      rows={rows.toReversed()}
      empty=""
      columns={[
        { label: words.from, cell: row => <Time at={row[0]?.at ?? 0} /> },
        {
          label: words.sessions,
          kind: 'number',
          cell: row => {
            const count = row.at(-1)?.sessions ?? null
            return count === null ? '–' : numberText(context, count)
          },
        },
        sum('signIns'),
        sum('failures'),
        sum('limits'),
      ]}
    />
  )
}

/** JSON within a script: nothing in it may end the script. */
function jsonFor(value: object): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c')
}
