import type { Allowance, RuleConfig } from '../config/config.ts'
import { createGlob, type Glob } from './glob.ts'

/** What rules judge. */
export interface RuleRequest {
  readonly method: string
  /** Below the path of the app, decoded. */
  readonly path: string
}

/** Whose request it is, as far as rules go. */
export interface RuleRoles {
  /** Whether the role reaches another one. */
  reaches(role: string | null, atLeast: string): boolean
}

/** What rules say of a request. */
export interface Ruling {
  /** The rule that fits; null where none does. */
  readonly rule: RuleConfig | null
  readonly allow: Allowance
}

/** What a person may do by a {@link Ruling}. */
export type Decision = 'allowed' | 'sign-in' | 'forbidden'

/** Rules of one app. */
export interface Rules {
  find(request: RuleRequest): Ruling
}

/** Makes {@link Rules}. The first that fits a request decides; without one, nobody may do it. */
export function createRules(configs: readonly RuleConfig[]): Rules {
  const rules = configs.map(rule => ({
    rule,
    globs: [rule.path].flat().map(createGlob),
    methods: rule.methods === undefined ? null : new Set(rule.methods),
  }))
  return {
    find({ method, path }) {
      // Whoever may read a page may ask for its head.
      const verb = method === 'HEAD' ? 'GET' : method
      const found = rules.find(
        ({ rule, globs, methods }) =>
          (methods === null || methods.has(verb)) && globs.some(glob => fits(glob, path, rule)),
      )
      return found === undefined
        ? { rule: null, allow: 'nobody' }
        : { rule: found.rule, allow: found.rule.allow }
    },
  }
}

/**
 * Servers that care about case and such that do not must both be safe: what is public is so in its
 * own spelling only, and all else in any.
 */
function fits(glob: Glob, path: string, { allow }: RuleConfig): boolean {
  return allow === 'public' ? glob.fitsExactly(path) : glob.fits(path)
}

/** Whether somebody may do what a ruling is about; null for a visitor. */
export function decide({ allow }: Ruling, role: string | null, roles: RuleRoles): Decision {
  if (allow === 'public') return 'allowed'
  if (allow === 'nobody') return 'forbidden'
  if (role === null) return 'sign-in'
  if (allow === 'signed-in') return 'allowed'
  return allow.some(each => roles.reaches(role, each)) ? 'allowed' : 'forbidden'
}
