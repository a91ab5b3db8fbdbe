import type { Allowance, RuleConfig } from '../config/config.ts'
import { createGlob, type Glob } from './glob.ts'
import { readingsOf } from './readings.ts'

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
  /** The rulings on a request, one for each way in which its path can be read. */
  find(request: RuleRequest): readonly Ruling[]
}

/** Makes {@link Rules}. The first that fits a request decides; without one, nobody may do it. */
export function createRules(configs: readonly RuleConfig[]): Rules {
  const rules = configs.map(rule => ({
    rule,
    globs: [rule.path].flat().map(createGlob),
    methods: rule.methods === undefined ? null : new Set(rule.methods),
  }))
  function findOne(verb: string, path: string): Ruling {
    const found = rules.find(
      ({ rule, globs, methods }) =>
        (methods === null || methods.has(verb)) && globs.some(glob => fits(glob, path, rule)),
    )
    return found === undefined
      ? { rule: null, allow: 'nobody' }
      : { rule: found.rule, allow: found.rule.allow }
  }

  return {
    find({ method, path }) {
      // Whoever may read a page may ask for its head.
      const verb = method === 'HEAD' ? 'GET' : method
      const rulings = readingsOf(path).map(reading => findOne(verb, reading))
      return rulings.filter(({ rule }, at) => rulings.findIndex(each => each.rule === rule) === at)
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

/** Whether somebody, or a visitor (null), may do what all rulings are about. */
export function decide(
  rulings: readonly Ruling[],
  role: string | null,
  roles: RuleRoles,
): Decision {
  const decisions = rulings.map(ruling => decideOne(ruling, role, roles))
  return strictest.find(decision => decisions.includes(decision)) ?? 'forbidden'
}

const strictest: readonly Decision[] = ['forbidden', 'sign-in', 'allowed']

function decideOne({ allow }: Ruling, role: string | null, roles: RuleRoles): Decision {
  if (allow === 'public') return 'allowed'
  if (allow === 'nobody') return 'forbidden'
  if (role === null) return 'sign-in'
  if (allow === 'signed-in') return 'allowed'
  return allow.some(each => roles.reaches(role, each)) ? 'allowed' : 'forbidden'
}
