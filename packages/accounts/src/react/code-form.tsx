/** @jsxImportSource react */
import { type ReactElement, useState } from 'react'
import type { CurrentSession } from '../wire/own-calls.ts'
import { Field, Form } from './form.tsx'
import { sayRefusal } from './problems.ts'
import { useSession, useTexts } from './session.tsx'

/** Properties of {@link CodeForm}. */
export interface CodeFormProps {
  onSignedIn?: ((session: CurrentSession) => void) | undefined
  /** The first step is too long ago, or was ended. */
  onOver(): void
}

/** Asks for a code of the second factor or, on demand, for a recovery code. */
export function CodeForm({ onSignedIn, onOver }: CodeFormProps): ReactElement {
  const { client } = useSession()
  const texts = useTexts()
  const [isRecovery, setRecovery] = useState(false)
  const [problem, setProblem] = useState<{ readonly form?: string; readonly code?: string }>({})

  async function send({ code = '' }: Readonly<Record<string, string>>): Promise<void> {
    const result = await client.send('POST /sign-in/second-factor', { code })
    if (result.ok) return onSignedIn?.(result.value)
    if (result.reason === 'gone') return onOver()
    const isWrong = result.reason === 'wrong'
    setProblem(isWrong ? { code: texts.wrongCode } : { form: sayRefusal(result, texts) })
  }

  function change(): void {
    setRecovery(!isRecovery)
    setProblem({})
  }

  const after = (
    <button type="button" onClick={change}>
      {isRecovery ? texts.useCode : texts.useRecoveryCode}
    </button>
  )
  return (
    <Form submit={texts.signIn} problem={problem.form} after={after} onSend={send}>
      <Field
        key={isRecovery ? 'recovery' : 'code'}
        name="code"
        label={isRecovery ? texts.recoveryCode : texts.code}
        autoComplete={isRecovery ? 'off' : 'one-time-code'}
        inputMode={isRecovery ? 'text' : 'numeric'}
        takesFocus
        problem={problem.code}
      />
    </Form>
  )
}
