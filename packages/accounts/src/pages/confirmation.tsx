import { visitOf } from '../web/request.ts'
import { ConfirmPage } from './account-page.tsx'
import { answerRefusal, type CommonRefusal } from './answers.tsx'
import { type PageParts, show } from './renderer.ts'
import type { FormTexts, PageRequest } from './request.ts'

/** A form that may have to be sent once more, with a password. */
export interface SentForm {
  readonly form: FormTexts
  /** What has to be sent again along with the password. */
  readonly fields: Readonly<Record<string, string>>
  /** Where to go instead, below the base. @default '/account' */
  readonly cancel?: string
}

/** Has people enter their password where the last proof of who they are is too old. */
export interface Confirmation {
  /** Does something, and asks for the password first where `act` says `reauthenticate`. */
  confirmed(
    request: PageRequest,
    sent: SentForm,
    act: () => Promise<Response | CommonRefusal>,
  ): Promise<Response>
}

/** Makes a {@link Confirmation}. */
export function createConfirmation(parts: PageParts): Confirmation {
  const { accounts, texts } = parts

  function ask(request: PageRequest, sent: SentForm, problem?: string): Promise<Response> {
    const problems = problem === undefined ? {} : { password: problem }
    return show(parts, request, {
      status: problem === undefined ? 403 : 422,
      page: context => (
        <ConfirmPage
          context={context}
          action={new URL(request.req.url).pathname.slice(parts.base.length)}
          fields={sent.fields}
          cancel={sent.cancel}
          state={{ problems }}
        />
      ),
    })
  }

  return {
    async confirmed(request, sent, act) {
      const password = sent.form('password')
      if (password !== '') {
        const proof = await accounts.reauthenticate({ password }, visitOf(request))
        if (!proof.ok && proof.reason === 'wrong') {
          return ask(request, sent, texts.account.wrongPassword)
        }
        if (!proof.ok) return answerRefusal(parts, request, proof)
      }
      const result = await act()
      if (result instanceof Response) return result
      return result.reason === 'reauthenticate'
        ? ask(request, sent)
        : answerRefusal(parts, request, result)
    },
  }
}
