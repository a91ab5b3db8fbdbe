import { type Duration, parseDuration } from '../core/duration.ts'
import { ConfigError } from '../core/errors.ts'
import type { Keyring } from '../crypto/keyring.ts'
import type { EventSink } from '../events/event.ts'
import { type Environment, readEnvironment } from '../web/environment.ts'
import { type Keyrings, type SecretName, type Secrets, secretsOf } from './secrets.ts'

/** Takes new secrets over while the process runs. */
export interface SecretReload {
  /** See `Cloakroom.reloadSecrets`. */
  reload(secrets?: Secrets): readonly SecretName[]
  /** Looks at the files no more. */
  close(): void
}

/** What {@link createSecretReload} needs. */
export interface SecretReloadParts {
  readonly rings: Keyrings
  /** What options gave: the environment does not count for it. */
  readonly given: Secrets
  readonly env: Environment
  readonly events: EventSink
  /** How often files are looked at; false for never. */
  readonly every: Duration | false
}

const fileVariables = ['SESSION_SECRET_KEY_FILE', 'COOKIE_SECRET_KEY_FILE', 'AUDIT_SECRET_KEY_FILE']

/** Makes a {@link SecretReload}, which looks at the files that hold secrets every now and then. */
export function createSecretReload(parts: SecretReloadParts): SecretReload {
  const { rings, given, env, events, every } = parts
  const everyMs = every === false ? 0 : parseDuration(every, 'reloadSecrets', { min: 100 })
  let lastProblem = ''

  function reload(secrets?: Secrets): readonly SecretName[] {
    const found = secrets ?? withoutGiven(secretsOf(readEnvironment(env)), given)
    const names = (Object.keys(rings) as SecretName[]).filter(name => {
      // A trail without a secret of its own goes by that of the sessions.
      const isOwn = name !== 'auditSecret' || rings.auditSecret !== rings.secret
      return isOwn && found[name] !== undefined
    })
    // All are checked before one is replaced.
    for (const name of names) rings[name].check(found[name] ?? [])
    return names.filter(name => replace(name, found[name] ?? []))
  }

  function replace(name: SecretName, secrets: string | readonly string[]): boolean {
    const ring = rings[name]
    const before = idsOf(ring)
    ring.replace(secrets)
    const after = idsOf(ring)
    if (after === before) return false
    events.emit({ type: 'secrets_changed', reason: name, details: { before, after } })
    return true
  }

  function look(): void {
    try {
      reload()
      lastProblem = ''
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      // What was read before stays in use: a file may be half written.
      if (error.message !== lastProblem) process.emitWarning(error.message, 'CloakroomWarning')
      lastProblem = error.message
    }
  }

  const hasFiles = fileVariables.some(name => env[name] !== undefined)
  const timer = everyMs > 0 && hasFiles ? setInterval(look, everyMs).unref() : undefined
  return { reload, close: () => clearInterval(timer) }
}

function withoutGiven(found: Secrets, given: Secrets): Secrets {
  return Object.fromEntries(
    Object.entries(found).filter(([name]) => given[name as SecretName] === undefined),
  )
}

/** Ids tell nothing of their keys. */
function idsOf({ keys }: Keyring): string {
  return keys.map(key => key.id).join(' ')
}
