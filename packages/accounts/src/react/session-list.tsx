/** @jsxImportSource react */
import { type ReactElement, useId } from 'react'
import type { OwnSession } from '../wire/own-calls.ts'
import { Field, Form } from './form.tsx'
import { sayRefusal } from './problems.ts'
import { useTexts } from './session.tsx'
import { useSessions } from './use-sessions.ts'

/** The sessions of whoever is signed in, each of which can be ended. */
export function SessionList(): ReactElement | null {
  const { sessions, refusal, needsPassword, end, endOthers, confirm, cancel } = useSessions()
  const texts = useTexts()
  if (needsPassword) {
    const isWrong = refusal?.reason === 'wrong'
    const problem = refusal === null || isWrong ? undefined : sayRefusal(refusal, texts)
    return (
      <fieldset className="cloakroom-confirm">
        <legend>{texts.confirmTitle}</legend>
        <Form
          submit={texts.confirm}
          problem={problem}
          after={
            <button type="button" onClick={cancel}>
              {texts.cancel}
            </button>
          }
          onSend={({ password = '' }) => confirm(password)}
        >
          <Field
            name="password"
            label={texts.password}
            type="password"
            autoComplete="current-password"
            takesFocus
            problem={isWrong ? texts.wrongPassword : undefined}
          />
        </Form>
      </fieldset>
    )
  }
  if (sessions === null) return null
  return (
    <div className="cloakroom-sessions">
      {refusal !== null && (
        <p className="cloakroom-problem" role="alert">
          {sayRefusal(refusal, texts)}
        </p>
      )}
      <ul>
        {sessions.map(session => (
          <SessionItem key={session.id} session={session} onEnd={() => void end(session.id)} />
        ))}
      </ul>
      {sessions.length > 1 && (
        <button type="button" onClick={() => void endOthers()}>
          {texts.endOthers}
        </button>
      )}
    </div>
  )
}

function SessionItem(props: { readonly session: OwnSession; onEnd(): void }): ReactElement {
  const { session, onEnd } = props
  const { device, ip, seenAt, isCurrent } = session
  const texts = useTexts()
  const id = useId()
  return (
    <li>
      <span className="cloakroom-device" id={id}>
        {device ?? texts.unknownDevice}
        {ip !== null && <small> {ip}</small>}
      </span>
      {isCurrent ? (
        <strong className="cloakroom-current">{texts.thisDevice}</strong>
      ) : (
        <button type="button" aria-describedby={id} onClick={onEnd}>
          {texts.end}
        </button>
      )}
      <small className="cloakroom-seen">
        {texts.lastSeen} <time dateTime={seenAt}>{sayInstant(seenAt)}</time>
      </small>
    </li>
  )
}

function sayInstant(at: string): string {
  return new Date(at).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })
}
