/** A mail that is ready to be sent. */
export interface MailMessage {
  /** One address, as an account has it. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html?: string | undefined
}

/** Sends mail. */
export interface Mailer {
  /** Rejects when the mail was not taken over by somebody who will deliver it. */
  send(message: MailMessage): Promise<void>
}
