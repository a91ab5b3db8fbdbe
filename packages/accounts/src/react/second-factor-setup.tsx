/** @jsxImportSource react */
import { type ReactElement, useState } from 'react'
import type { CallRefusal } from '../client/client.ts'
import type { Enrolment } from '../wire/factor-calls.ts'
import { Field, Form } from './form.tsx'
import { sayRefusal } from './problems.ts'
import { useSession, useTexts } from './session.tsx'

/** Properties of {@link SecondFactorSetup}. */
export interface SecondFactorSetupProps {
  /** Asks for a code of the second factor that is there already. @default false */
  readonly isReplacing?: boolean | undefined
  /** Called when the recovery codes were seen. */
  onDone?: (() => void) | undefined
  /** Called when it cannot begin: the proof of who it is may be too old, or the sign-in over. */
  onRefused?: ((refusal: CallRefusal<string>) => void) | undefined
}

/**
 * Sets a second factor up, for whoever is signed in or, after `onEnrolment` of `LoginForm`, for whoever
 * cannot sign in without. Leave it where it is until `onDone`: it shows recovery codes this once, while
 * somebody is signed in already.
 */
export function SecondFactorSetup(props: SecondFactorSetupProps): ReactElement {
  const { isReplacing = false, onDone, onRefused } = props
  const { client } = useSession()
  const texts = useTexts()
  const [enrolment, setEnrolment] = useState<Enrolment | null>(null)
  const [recoveryCodes, setRecoveryCodes] = useState<readonly string[] | null>(null)
  const [problem, setProblem] = useState<string>()

  async function begin({ code }: Readonly<Record<string, string>>): Promise<void> {
    const result = await client.send('POST /second-factor/enrolment', { code })
    setProblem(undefined)
    if (result.ok) return setEnrolment(result.value)
    setProblem(result.reason === 'wrong' ? texts.wrongCode : sayRefusal(result, texts))
    onRefused?.(result)
  }

  async function confirm({ code: typed = '' }: Readonly<Record<string, string>>): Promise<void> {
    const result = await client.send('POST /second-factor/enrolment/confirm', { code: typed })
    if (result.ok) return setRecoveryCodes(result.value.recoveryCodes)
    setProblem(result.reason === 'wrong' ? texts.wrongCode : sayRefusal(result, texts))
  }

  if (recoveryCodes !== null) {
    return (
      <div className="cloakroom-recovery">
        <p>{texts.recoveryCodes}</p>
        <ol>
          {recoveryCodes.map(each => (
            <li key={each}>
              <code>{each}</code>
            </li>
          ))}
        </ol>
        <button type="button" onClick={onDone}>
          {texts.kept}
        </button>
      </div>
    )
  }
  if (enrolment === null) {
    return (
      <Form submit={texts.setUp} problem={problem} onSend={begin}>
        {isReplacing && <Field name="code" label={texts.code} autoComplete="one-time-code" />}
      </Form>
    )
  }
  const { size, path } = enrolment.picture
  return (
    <Form submit={texts.confirm} onSend={confirm}>
      <p>{texts.scan}</p>
      <svg className="cloakroom-qr" viewBox={`0 0 ${size} ${size}`} role="img">
        <title>{texts.picture}</title>
        <rect width={size} height={size} fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
      <p>
        <code>{enrolment.secret.replace(/.{4}(?=.)/g, '$& ')}</code>
      </p>
      <Field
        name="code"
        label={texts.code}
        autoComplete="one-time-code"
        inputMode="numeric"
        problem={problem}
      />
    </Form>
  )
}
