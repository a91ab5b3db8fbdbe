import { StoreError } from '../../core/errors.ts'

/** Answers that mean "not now": the server is starting, failing over, full or busy. */
const passing = new Set([
  'BUSY',
  'CLUSTERDOWN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'NOREPLICAS',
  'OOM',
  'READONLY',
  'TRYAGAIN',
])

/**
 * True when the server itself answered with this error.
 *
 * All its errors begin with a code in capitals; those of clients and of Node.js do not.
 */
function isReplyError(error: unknown): error is Error {
  return error instanceof Error && /^[A-Z][A-Z0-9]+ /.test(error.message)
}

/** True when the server does not know a script by its hash. */
export function isNoScript(error: unknown): boolean {
  return isReplyError(error) && error.message.startsWith('NOSCRIPT ')
}

/** True when a Cluster refused a command since its keys are in several slots. */
export function isCrossSlot(error: unknown): boolean {
  return (
    error instanceof StoreError &&
    error.code === 'ERR_STORE_REPLY' &&
    error.message.includes(' CROSSSLOT ')
  )
}

/** What a client threw, as the {@link StoreError} that the stores promise. */
export function toStoreError(error: unknown, description: string): StoreError {
  if (error instanceof StoreError) return error
  if (!isReplyError(error)) {
    const message = `${description} cannot be reached. Retry later.`
    return new StoreError('ERR_STORE_UNAVAILABLE', message, { cause: error })
  }
  // Without its cause: clients hang the whole command on it, and that ends up in logs.
  const text = error.message.replace(/, with args.*$/s, '')
  const code = text.slice(0, text.indexOf(' '))
  if (!passing.has(code))
    return new StoreError('ERR_STORE_REPLY', `Redis refused a command: ${text}`)
  return new StoreError('ERR_STORE_UNAVAILABLE', `${description} cannot serve now: ${text}`)
}
