import { ConfigError } from 'cloakroom'
import type { z } from 'zod'
import type { GatewayConfig } from './config.ts'
import { configSchema } from './schema.ts'

type Issue = z.core.$ZodIssue

/** Checks what is a configuration by its looks. @throws {ConfigError} naming all that is wrong. */
export function parseConfig(given: unknown): GatewayConfig {
  const parsed = configSchema.safeParse(given)
  if (parsed.success) return parsed.data
  const { issues } = parsed.error
  const isUnknown = issues.every(issue => issue.code === 'unrecognized_keys')
  const code = isUnknown ? 'ERR_OPTION_UNKNOWN' : 'ERR_OPTION_INVALID'
  const lines = issues.flatMap(describe)
  const list = lines.length === 1 ? lines.join('') : lines.map(line => `\n- ${line}`).join('')
  throw new ConfigError(code, `The configuration is wrong: ${list}`)
}

function describe(issue: Issue): readonly string[] {
  const place = issue.path.map(String).join('.')
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map(key => `\`${place === '' ? key : `${place}.${key}`}\` is not a setting.`)
  }
  // Of several forms that a setting may have, the nearest tells most.
  const branches = issue.code === 'invalid_union' ? issue.errors : []
  const nearest = branches.find(errors => errors.some(error => error.path.length > 0))
  if (nearest !== undefined) {
    return nearest.flatMap(each => describe({ ...each, path: [...issue.path, ...each.path] }))
  }
  return [`\`${place}\`: ${issue.message}.`]
}
