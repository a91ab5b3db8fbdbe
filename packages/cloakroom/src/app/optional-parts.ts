import {
  type AuditTrail,
  type AuditTrailOptions,
  type AuditTrailParts,
  createAuditTrail,
} from '../audit/trail.ts'
import type { Keyring } from '../crypto/keyring.ts'
import { createTracing, type Tracer, type Tracing } from '../tracing/tracing.ts'

/** The audit trail, where it is switched on. */
export function openTrail(
  option: AuditTrailOptions | boolean | undefined,
  parts: AuditTrailParts,
): AuditTrail | null {
  if (option === undefined || option === false) return null
  const { secret: _secret, ...options } = option === true ? {} : option
  return createAuditTrail(options, parts)
}

/** Spans, where a tracer is given. */
export function openTracing(tracer: Tracer | undefined, { newest }: Keyring): Tracing | null {
  return tracer === undefined ? null : createTracing(tracer, newest.derive('trace ids'))
}
