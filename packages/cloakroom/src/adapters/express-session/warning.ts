import { deprecate as deprecateUse } from 'node:util'

/** Tells whoever runs the server, once for each code, that a use of express-session's API is obsolete. */
export function deprecate(code: string, message: string): void {
  deprecateUse(() => undefined, message, `CLOAKROOM_${code}`)()
}

/** Tells whoever runs the server about a setting that does not fit. */
export function warn(message: string): void {
  process.emitWarning(message, 'CloakroomWarning')
}

/** Makes a function that says it once, however often it is called. */
export function createWarning(message: string): () => void {
  let isSaid = false
  return () => {
    if (!isSaid) warn(message)
    isSaid = true
  }
}
