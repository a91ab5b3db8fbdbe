import type { JSX } from 'hono/jsx/jsx-runtime'
import type { AdminHealth, AdminKeys } from '../admin/system.ts'
import { AdminFrame, numberText, Time } from './admin-frame.tsx'
import { DataTable } from './admin-table.tsx'
import { Notice } from './form.tsx'
import type { PageContext } from './layout.tsx'

/** `/admin/keys` */
export function AdminKeysPage(props: {
  readonly context: PageContext
  readonly keys: AdminKeys
}): JSX.Element {
  const { context } = props
  const { keys, countedAt, soFar } = props.keys
  const { texts } = context
  const { adminKeys: words } = texts
  const tags = { newest: 'good', older: 'plain', missing: 'bad' } as const
  return (
    <AdminFrame context={context} section="keys" title={texts.admin.keys}>
      <p>{words.intro}</p>
      <DataTable
        caption={texts.admin.keys}
        isHeard
        rows={keys}
        empty=""
        columns={[
          { label: words.key, cell: ({ id }) => <code>{id}</code> },
          {
            label: words.state,
            cell: ({ state }) => <span class={`tag ${tags[state]}`}>{words.states[state]}</span>,
          },
          {
            label: words.sessions,
            kind: 'number',
            cell: ({ sessions }) => (sessions === null ? '–' : numberText(context, sessions)),
          },
        ]}
      />
      {soFar !== null && (
        <p class="hint" data-again="2">
          {words.counting(numberText(context, soFar))}
        </p>
      )}
      {soFar === null && countedAt !== null && (
        <p class="hint">
          {words.counted}: <Time at={countedAt} hasSeconds />
        </p>
      )}
      <section class="panel">
        <h2>{words.rotate}</h2>
        <pre>
          <code>openssl rand -base64 33</code>
        </pre>
        <ol class="steps">
          {words.steps.map(step => (
            <li>{step}</li>
          ))}
        </ol>
      </section>
    </AdminFrame>
  )
}

/** `/admin/health` */
export function AdminHealthPage(props: {
  readonly context: PageContext
  readonly health: AdminHealth
}): JSX.Element {
  const { context, health } = props
  const { texts } = context
  const { adminHealth: words } = texts
  const { redis, storage, listenerFailures } = health
  const told = (value: string | null): string => value ?? words.unknown
  return (
    <AdminFrame context={context} section="health" title={texts.admin.health}>
      {redis === null ? (
        <p>{words.memory}</p>
      ) : (
        <Notice kind={redis.ok ? 'good' : 'bad'}>{redis.ok ? words.good : words.bad}</Notice>
      )}
      <div class="columns" data-again="15">
        <section class="panel">
          <dl class="facts">
            <dt>{words.storage}</dt>
            <dd>{storage}</dd>
            {redis !== null && (
              <>
                <dt>{words.latency}</dt>
                <dd>{`${numberText(context, redis.latencyMs)} ms`}</dd>
                <dt>{words.version}</dt>
                <dd>{told(redis.version)}</dd>
                <dt>{words.role}</dt>
                <dd>{told(redis.role)}</dd>
                <dt>{words.eviction}</dt>
                <dd>{told(redis.maxmemoryPolicy)}</dd>
                <dt>{words.persistence}</dt>
                <dd>{told(redis.persistence)}</dd>
              </>
            )}
            <dt>{words.listeners}</dt>
            <dd>{numberText(context, listenerFailures)}</dd>
          </dl>
        </section>
        {redis !== null && (
          <section class="panel">
            <h2>{words.warnings}</h2>
            {redis.warnings.length === 0 ? (
              <p>{words.noWarnings}</p>
            ) : (
              <ul class="warnings">
                {redis.warnings.map(warning => (
                  <li>{warning}</li>
                ))}
              </ul>
            )}
          </section>
        )}
      </div>
    </AdminFrame>
  )
}
