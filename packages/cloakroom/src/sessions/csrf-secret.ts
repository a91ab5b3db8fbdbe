import { utf8 } from '../core/bytes.ts'
import { hmacSha256, importKey } from '../crypto/digest.ts'
import { type Keyring, mapKeys } from '../crypto/keyring.ts'
import { type SessionState, secretsOf } from './state.ts'

/**
 * Makes a function that gives the secrets for a session's tokens against request forgery.
 *
 * They are derived from the server's keys and the session, so that no byte of the record is spent on
 * them. All tabs stay good while the session's token rotates; signing in, a step-up or another role
 * gives new ones.
 */
export function createCsrfSecrets(
  keyring: Keyring,
): (session: SessionState<unknown>) => readonly Uint8Array[] {
  const uses = mapKeys(keyring, key => importKey(key.derive('session csrf')))
  return session => {
    const { meta, isLimited } = secretsOf(session)
    // A limited session must not learn what its successor is protected by.
    const about = utf8(`${session.id} ${isLimited ? 'limited' : meta.csrfEpoch}`)
    return uses.all.map(key => hmacSha256(key, about))
  }
}
