// What packages built on Cloakroom share with it, so that their settings are checked and their
// addresses counted in the same way.
export { type DurationBounds, parseDuration } from './core/duration.ts'
export { refuseUnknown, requireInteger, requireOneOf, requireText } from './core/options.ts'
export { addressKey } from './http/ip.ts'
