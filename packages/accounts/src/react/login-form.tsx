/** @jsxImportSource react */
import { type ReactElement, useState } from 'react'
import type { CurrentSession } from '../wire/own-calls.ts'
import { CodeForm } from './code-form.tsx'
import { Field, Form, Tick } from './form.tsx'
import { sayRefusal } from './problems.ts'
import { useSession, useTexts } from './session.tsx'

/** Properties of {@link LoginForm}. */
export interface LoginFormProps {
  /** What people sign in with: `'text'` where that is a name. @default 'email' */
  readonly loginType?: 'email' | 'text' | undefined
  /** Offers to stay signed in beyond the end of the browser. @default true */
  readonly canRemember?: boolean | undefined
  onSignedIn?: ((session: CurrentSession) => void) | undefined
  /** Called for somebody who must choose another password first, with the token for that. */
  onPasswordChange?: ((token: string) => void) | undefined
  /** Called for somebody who must set a second factor up first: show `SecondFactorSetup`. */
  onEnrolment?: (() => void) | undefined
}

/** Asks for address and password, then for a code where there is a second factor, and signs in. */
export function LoginForm(props: LoginFormProps): ReactElement {
  const { loginType = 'email', canRemember = true, onSignedIn } = props
  const { onPasswordChange, onEnrolment } = props
  const { signIn } = useSession()
  const texts = useTexts()
  const [problem, setProblem] = useState<string>()
  const [isSecondStep, setSecondStep] = useState(false)

  async function send(fields: Readonly<Record<string, string>>): Promise<void> {
    const { login = '', password = '', remember } = fields
    const result = await signIn({ login, password, remember: remember === '1' })
    if (result.ok) return onSignedIn?.(result.value)
    switch (result.reason) {
      case 'second-factor':
        return setSecondStep(true)
      case 'enrol-second-factor':
        setProblem(texts.enrol)
        return onEnrolment?.()
      case 'change-password':
        setProblem(texts.changePassword)
        return onPasswordChange?.(result.problem?.token ?? '')
      default:
        setProblem(result.reason === 'wrong' ? texts.wrong : sayRefusal(result, texts))
    }
  }

  function beginAnew(): void {
    setSecondStep(false)
    setProblem(texts.over)
  }

  if (isSecondStep) return <CodeForm onSignedIn={onSignedIn} onOver={beginAnew} />

  return (
    <Form submit={texts.signIn} problem={problem} onSend={send}>
      <Field name="login" label={texts.login} type={loginType} autoComplete="username" />
      <Field
        name="password"
        label={texts.password}
        type="password"
        autoComplete="current-password"
      />
      {canRemember && <Tick name="remember" label={texts.remember} />}
    </Form>
  )
}
