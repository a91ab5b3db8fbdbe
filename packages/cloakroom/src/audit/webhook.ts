import { type Clock, systemClock } from '../core/clock.ts'
import { type Duration, parseDuration } from '../core/duration.ts'
import { ConfigError } from '../core/errors.ts'
import { refuseUnknown, requireInteger } from '../core/options.ts'
import { randomText } from '../core/random.ts'
import { hmacSha256, importKey, type SecretKey } from '../crypto/digest.ts'
import { describeEvent } from '../events/audit.ts'
import type { DatedEvent, EventListener, EventType } from '../events/event.ts'

/** Settings of {@link createWebhook}. */
export interface WebhookOptions {
  /** Where events are sent; `https:`, or `http:` to this machine. */
  readonly url: string
  /** `whsec_` and 24 to 64 bytes in base64, as the receiver knows it. */
  readonly secret: string
  /** Kinds of events that are sent. @default all */
  readonly types?: readonly EventType[] | undefined
  /** How many events wait at most; what comes after is counted. @default 1000 */
  readonly maxPending?: number | undefined
  /** How often one event is tried. @default 8 */
  readonly attempts?: number | undefined
  /** How long after the first failure; it doubles each time, up to five minutes. @default '1s' */
  readonly retryAfter?: Duration | undefined
  /** How long an answer may take. @default '10s' */
  readonly deadline?: Duration | undefined
  /** For tests. */
  readonly clock?: Clock | undefined
}

/** Sends events to another system. */
export interface Webhook {
  /** Hand it to the event hub. */
  readonly listener: EventListener
  /** What became of the events so far; `lost` were tried to the end, or were too many. */
  counts(): { readonly pending: number; readonly delivered: number; readonly lost: number }
  /** Resolves when nothing waits any more. */
  settled(): Promise<void>
  /** Stops sending. What waits is lost. */
  close(): void
}

interface Message {
  readonly id: string
  readonly body: string
}

const longestRetryMs = 300_000

/**
 * Makes a {@link Webhook}: each event is a POST signed as the Standard Webhooks say, one after the
 * other, tried again with growing pauses.
 *
 * @example
 * cloakroom.events.on(createWebhook({ url: 'https://siem.example.com/hook', secret }).listener)
 *
 * @throws {ConfigError} naming the setting that is wrong.
 */
export function createWebhook(options: WebhookOptions): Webhook {
  refuseUnknown('webhook', options, optionNames)
  const url = requireUrl(options.url)
  const key = requireSecret(options.secret)
  const clock = options.clock ?? systemClock
  const maxPending = requireInteger('webhook.maxPending', options.maxPending ?? 1000, { min: 1 })
  const attempts = requireInteger('webhook.attempts', options.attempts ?? 8, { min: 1, max: 20 })
  const retryMs = parseDuration(options.retryAfter ?? '1s', 'webhook.retryAfter')
  const deadlineMs = parseDuration(options.deadline ?? '10s', 'webhook.deadline')
  const types = options.types === undefined ? null : new Set(options.types)
  const pending: Message[] = []
  const closing = new AbortController()
  let sending: Promise<void> | null = null
  let delivered = 0
  let lost = 0

  async function post({ id, body }: Message): Promise<boolean> {
    const timestamp = String(Math.floor(clock.now() / 1000))
    const response = await fetch(url, {
      method: 'POST',
      body,
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signWebhook(key, { id, timestamp, body }),
      },
      // Where the answer points is not where the operator said.
      redirect: 'manual',
      signal: AbortSignal.any([closing.signal, AbortSignal.timeout(deadlineMs)]),
    })
    await response.body?.cancel()
    return response.ok
  }

  async function deliver(message: Message): Promise<boolean> {
    for (let attempt = 1; ; attempt += 1) {
      const isDone = await post(message).catch(() => false)
      if (isDone || attempt === attempts || closing.signal.aborted) return isDone
      await pause(Math.min(retryMs * 2 ** (attempt - 1), longestRetryMs), closing.signal)
    }
  }

  async function send(): Promise<void> {
    for (let next = pending[0]; next !== undefined; next = pending[0]) {
      const isDone = await deliver(next)
      pending.shift()
      if (isDone) delivered += 1
      else lost += 1
    }
    sending = null
  }

  return {
    listener(event) {
      if (types !== null && !types.has(event.type)) return
      if (pending.length >= maxPending || closing.signal.aborted) {
        lost += 1
        return
      }
      pending.push({ id: `msg_${randomText(24)}`, body: writeBody(event) })
      sending ??= send()
    },
    counts: () => ({ pending: pending.length, delivered, lost }),
    settled: async () => {
      await sending
    },
    close() {
      lost += Math.max(0, pending.length - 1)
      pending.splice(1)
      closing.abort()
    },
  }
}

const optionNames: readonly (keyof WebhookOptions)[] = [
  'url',
  'secret',
  'types',
  'maxPending',
  'attempts',
  'retryAfter',
  'deadline',
  'clock',
]

/** The signature that the receiver computes as well. */
export function signWebhook(
  key: SecretKey,
  { id, timestamp, body }: { id: string; timestamp: string; body: string },
): string {
  const mac = hmacSha256(key, `${id}.${timestamp}.${body}`)
  return `v1,${Buffer.from(mac).toString('base64')}`
}

function writeBody(event: DatedEvent): string {
  const data = describeEvent(event)
  return JSON.stringify({ type: data.event_type, timestamp: data.timestamp, data })
}

function requireUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const isHere = ['localhost', '127.0.0.1', '[::1]'].includes(url?.hostname ?? '')
  if (url !== null && (url.protocol === 'https:' || (url.protocol === 'http:' && isHere)))
    return url
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    '`webhook.url` must be an address that begins with `https://`, or `http://localhost` while developing.',
  )
}

function requireSecret(text: string): SecretKey {
  const bytes = Buffer.from(/^whsec_([A-Za-z0-9+/]+=*)$/.exec(text)?.[1] ?? '', 'base64')
  if (bytes.byteLength >= 24 && bytes.byteLength <= 64) return importKey(bytes)
  throw new ConfigError(
    'ERR_SECRET_WEAK',
    '`webhook.secret` must be `whsec_` and 24 to 64 bytes in base64, such as `openssl rand -base64 33` makes.',
  )
}

/** Longer or shorter by a fifth, so that many workers do not come back at once. */
function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise(resolve => {
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms * (0.8 + Math.random() * 0.4)).unref()
    signal.addEventListener('abort', end)
  })
}
