import { ConfigError } from '../core/errors.ts'
import { requireText } from '../core/options.ts'
import { describeDevice } from '../http/device.ts'
import { anonymousMeta, type SessionMeta } from './content.ts'
import type { Epochs } from './epochs.ts'
import type { CreateOptions, RotateOptions, SignedInUser } from './manager.ts'
import type { GraceKind } from './store.ts'

/** What a new session knows of its owner. @throws {ConfigError} naming what is no text. */
export function newMeta(
  user: SignedInUser | null,
  options: Pick<CreateOptions<object>, 'source' | 'remember' | 'methods' | 'actor'>,
  epochs: Epochs,
): SessionMeta {
  const { source, remember, methods = ['pwd'], actor } = options
  const ip = source?.ip ?? null
  const from = { ip, device: describeDevice(source?.userAgent) }
  if (user === null) return { ...anonymousMeta, ...from, ...epochs.of({ ip, tenant: null }) }
  const tenant = user.tenant === undefined ? null : requireText('user.tenant', user.tenant)
  return {
    ...anonymousMeta,
    ...from,
    ...epochs.of({ ip, tenant }),
    tenant,
    actorId: actor === undefined ? null : requireText('actor.id', actor.id),
    userId: requireText('user.id', user.id),
    role: requireText('user.role', user.role ?? 'user'),
    permissions: requireTexts('user.permissions', user.permissions ?? []),
    isPersistent: remember === true,
    methods: stamp(methods, 0),
  }
}

/** What a session knows after a rotation. @throws {ConfigError} naming what is no text. */
export function raiseRights(meta: SessionMeta, options: RotateOptions, now: number): SessionMeta {
  const { methods = [], role = meta.role, permissions = meta.permissions } = options
  if (graceOf(options) === 'successor') return meta
  return {
    ...meta,
    role: role === null ? null : requireText('role', role),
    permissions: requireTexts('permissions', permissions),
    methods: { ...meta.methods, ...stamp(methods, wholeSecond(now)) },
    csrfEpoch: meta.csrfEpoch + 1,
  }
}

/** What a replaced token is still good for, by what the session gained. */
export function graceOf({ methods, role, permissions }: RotateOptions): GraceKind {
  if (role !== undefined || permissions !== undefined) return 'none'
  return methods === undefined ? 'successor' : 'limited'
}

/** Whether two say the same of their bearer; proofs given within the tolerance count as one. */
export function hasSameRights(left: SessionMeta, right: SessionMeta, toleranceMs: number): boolean {
  const proofs = Object.entries(left.methods)
  return (
    left.role === right.role &&
    left.actorId === right.actorId &&
    left.permissions.length === right.permissions.length &&
    left.permissions.every((permission, index) => permission === right.permissions[index]) &&
    proofs.length === Object.keys(right.methods).length &&
    proofs.every(([name, at]) => {
      const other = right.methods[name]
      return other !== undefined && Math.abs(other - at) <= toleranceMs
    })
  )
}

function stamp(methods: readonly string[], at: number): Record<string, number> {
  return Object.fromEntries(requireTexts('methods', methods).map(method => [method, at]))
}

/** Records keep no more. */
function wholeSecond(ms: number): number {
  return Math.floor(ms / 1000) * 1000
}

function requireTexts(name: string, values: readonly string[]): readonly string[] {
  if (Array.isArray(values)) return values.map((value, at) => requireText(`${name}[${at}]`, value))
  throw new ConfigError('ERR_OPTION_INVALID', `\`${name}\` must be a list of texts.`)
}
