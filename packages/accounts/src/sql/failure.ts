import { ConfigError, StoreError } from 'cloakroom'

/** PostgreSQL's code for a value that must be unique and is there already. */
const uniqueViolation = '23505'

/** Classes of codes that say: not now. Connection, resources, intervention, system (appendix A). */
const passingClasses = new Set(['08', '53', '57', '58'])

/** Whether a statement failed because another row has the value. */
export function isUniqueViolation(error: unknown): boolean {
  return codeOf(error) === uniqueViolation
}

/** What a failed statement means to the caller. The message names no values. */
export function toStoreError(error: unknown): Error {
  if (error instanceof StoreError || error instanceof ConfigError) return error
  const code = codeOf(error)
  const cause = { cause: error }
  if (isSqlState(code) && !passingClasses.has(code.slice(0, 2))) {
    const message = `The accounts database refused a statement (${code}). See the cause.`
    return new StoreError('ERR_STORE_REPLY', message, cause)
  }
  const message = `The accounts database cannot be reached (${code || 'no code'}). Retry later.`
  return new StoreError('ERR_STORE_UNAVAILABLE', message, cause)
}

/** A store of which every method fails with a {@link StoreError}. */
export function withStoreErrors<Store extends object>(store: Store): Store {
  const wrapped = Object.entries(store).map(([name, member]) => [
    name,
    typeof member === 'function' ? translating(member) : member,
  ])
  return Object.fromEntries(wrapped)
}

type Method = (...args: readonly unknown[]) => unknown

function translating(method: Method): Method {
  return (...args) => {
    const result = method(...args)
    if (!(result instanceof Promise)) return result
    return result.catch(error => {
      throw toStoreError(error)
    })
  }
}

function codeOf(error: unknown): string {
  const isCoded = typeof error === 'object' && error !== null && 'code' in error
  return isCoded ? String(error.code) : ''
}

function isSqlState(code: string): boolean {
  return /^[0-9A-Z]{5}$/.test(code)
}
