import { ConfigError } from '../core/errors.ts'
import { parseOrigins } from './origin.ts'

/**
 * Browser features and who may use them: `[]` nobody, `['self']`, `['*']`, or origins such as
 * `https://maps.example.org`.
 */
export type PermissionsPolicy = Readonly<Record<string, readonly string[]>>

/** Denies what a page that only signs people in has no use for. */
export const denyingPermissions: PermissionsPolicy = {
  camera: [],
  'display-capture': [],
  geolocation: [],
  hid: [],
  microphone: [],
  midi: [],
  payment: [],
  serial: [],
  usb: [],
}

/** Writes the header, a structured dictionary (RFC 9651). @throws {ConfigError} naming the feature. */
export function serializePermissions(policy: PermissionsPolicy): string {
  return Object.entries(policy)
    .map(([feature, allowed]) => `${requireFeature(feature)}=${serializeList(feature, allowed)}`)
    .join(', ')
}

function requireFeature(feature: string): string {
  if (/^[a-z][a-z-]*$/.test(feature)) return feature
  throw new ConfigError(
    'ERR_OPTION_INVALID',
    `\`headers.permissionsPolicy\` holds ${JSON.stringify(feature)}, which is no name of a feature.`,
  )
}

function serializeList(feature: string, allowed: readonly string[]): string {
  if (allowed.length === 1 && allowed[0] === '*') return '*'
  return `(${allowed.map(each => serializeMember(feature, each)).join(' ')})`
}

function serializeMember(feature: string, member: string): string {
  if (member === 'self' || member === 'src') return member
  return `"${parseOrigins(member, `headers.permissionsPolicy.${feature}`).join('')}"`
}
