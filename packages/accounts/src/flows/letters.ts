import type { EventSource, Visit } from '../account/ports.ts'
import type { TokenPurpose } from '../account/token-store.ts'
import type { TokenRequest } from '../account/tokens.ts'
import type { MailMessage } from '../mail/mailer.ts'
import type { MailFacts, MailKind } from '../mail/texts.ts'
import type { FlowParts } from './parts.ts'

/** Whom a mail goes to. Always what is stored, never what somebody typed. */
export interface Recipient {
  readonly email: string
  readonly name: string
}

/** Writes a mail. */
export function writeMail(
  { texts, settings }: FlowParts,
  kind: MailKind,
  { to, ...facts }: { readonly to: Recipient } & Partial<Omit<MailFacts, 'product' | 'name'>>,
): MailMessage {
  const about = {
    product: settings.product,
    name: to.name,
    link: '',
    lifeMs: 0,
    newEmail: '',
    ip: '',
    device: '',
  }
  return { to: to.email, ...texts[kind]({ ...about, ...facts }) }
}

/** Tells the owner of an account what was done to it, and from where. */
export function tellOwner(
  parts: FlowParts,
  kind: MailKind,
  { account: to, visit }: { readonly account: Recipient; readonly visit: Pick<Visit, 'source'> },
): void {
  const ip = visit.source.ip ?? ''
  parts.outbox.post(async () => [writeMail(parts, kind, { to, ip })])
}

/** Issues a token and writes the mail that carries it. */
export async function writeLink(
  parts: FlowParts,
  kind: MailKind,
  request: Omit<TokenRequest, 'lifeMs'> & { readonly to: Recipient; readonly source?: EventSource },
): Promise<MailMessage> {
  const { to, source, ...token } = request
  const { link, lifeMs } = await issueLink(parts, token)
  return writeMail(parts, kind, { to, link, lifeMs, ip: source?.ip ?? '' })
}

/** Issues a token and gives the link that carries it. */
export async function issueLink(
  { tokens, links, settings }: FlowParts,
  request: Omit<TokenRequest, 'lifeMs'>,
): Promise<{ readonly link: string; readonly lifeMs: number }> {
  const lifeMs = settings.lifeMs[request.purpose satisfies TokenPurpose]
  const token = await tokens.issue({ ...request, lifeMs })
  return { link: links(request.purpose, token), lifeMs }
}

/**
 * Whether one more mail that a stranger caused may go to a mailbox. Nobody is told when not: they
 * would learn what others do.
 */
export async function mayMail({ limiter }: FlowParts, login: string): Promise<boolean> {
  return (await limiter.check('account_mail', ['mail', login])).allowed
}
