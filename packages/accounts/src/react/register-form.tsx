/** @jsxImportSource react */
import { type ReactElement, useState } from 'react'
import { Field, Form } from './form.tsx'
import { sayPassword, sayRefusal } from './problems.ts'
import { useSession, useTexts } from './session.tsx'

/** Properties of {@link RegisterForm}. */
export interface RegisterFormProps {
  /** Called when the mail is on its way. */
  onSent?: (() => void) | undefined
}

type Problems = Readonly<Partial<Record<'form' | 'email' | 'name' | 'password', string>>>

/** Asks for what an account needs, and has a link mailed that makes it. */
export function RegisterForm({ onSent }: RegisterFormProps): ReactElement {
  const { client } = useSession()
  const texts = useTexts()
  const [problems, setProblems] = useState<Problems>({})
  const [isSent, setSent] = useState(false)

  async function send(fields: Readonly<Record<string, string>>): Promise<void> {
    const { email = '', name = '', password = '' } = fields
    const result = await client.send('POST /register', { email, name, password })
    if (result.ok) {
      setSent(true)
      return onSent?.()
    }
    switch (result.reason) {
      case 'email':
        return setProblems({ email: texts.badEmail })
      case 'name':
        return setProblems({ name: texts.badName })
      case 'password':
        return setProblems({ password: sayPassword(result, texts) })
      default:
        return setProblems({ form: sayRefusal(result, texts) })
    }
  }

  if (isSent) {
    return (
      <p className="cloakroom-done" role="status">
        {texts.registered}
      </p>
    )
  }
  return (
    <Form submit={texts.register} problem={problems.form} onSend={send}>
      <Field
        name="name"
        label={texts.name}
        autoComplete="name"
        isRequired={false}
        problem={problems.name}
      />
      <Field
        name="email"
        label={texts.email}
        type="email"
        autoComplete="username"
        problem={problems.email}
      />
      <Field
        name="password"
        label={texts.password}
        type="password"
        autoComplete="new-password"
        problem={problems.password}
      />
    </Form>
  )
}
