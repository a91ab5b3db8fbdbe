import { ConfigError, StoreError } from '../core/errors.ts'
import { describeValue, refuseUnknown, requireInteger } from '../core/options.ts'
import type { EventSink } from '../events/event.ts'
import type { ConsumeMode, CounterCheck, CounterStore } from './counter-store.ts'
import { type DefaultRuleName, defaultRules } from './default-rules.ts'
import { createRateBlocks, type RateBlocks } from './rate-blocks.ts'
import { createRateIds } from './rate-ids.ts'
import {
  combineResults,
  type Judgement,
  judge,
  type RateCheck,
  type RateKey,
  type RateLimitOutcome,
  type RateLimitResult,
  type RateSource,
} from './rate-limit.ts'
import { emitJudgement } from './rate-limit-events.ts'
import { createFallback } from './rate-limit-fallback.ts'
import { createReservation, type RateReservation } from './rate-reservation.ts'
import { type LimitRule, type LimitRuleOptions, resolveRule, shareRule } from './rules.ts'

/** Options of {@link createRateLimiter}. */
export interface RateLimiterOptions<Rule extends string = never> {
  /** Where units are counted. */
  readonly store: CounterStore
  /**
   * Counters in the memory of this process, for rules that ask for them with `onError: 'local'`
   * while `store` cannot answer.
   */
  readonly local?: CounterStore | undefined
  /** How many processes share `store`; `local` grants this part of each limit. @default 1 */
  readonly instances?: number | undefined
  /**
   * 16 bytes or more. Keys reach the store as keyed digests only, so that no address or name can be
   * read there. With another secret counting begins anew.
   */
  readonly secret: Uint8Array
  /** Rules by name, besides the default ones. A default one is replaced by one of its name. */
  readonly rules?: Readonly<Record<Rule, LimitRuleOptions>> | undefined
  readonly events?: EventSink | undefined
}

/** What {@link RateLimiter.check} takes besides the key. */
export interface RateCheckOptions {
  /** Units to use. With 0 nothing is counted. @default 1 */
  readonly cost?: number | undefined
  readonly source?: RateSource | undefined
}

/** Counts how often something is done, and says when it is too often. */
export interface RateLimiter<Rule extends string = string> extends RateBlocks<Rule> {
  /** The rules by name. */
  readonly rules: ReadonlyMap<string, LimitRule>
  /** Counts one call. A refused one uses nothing. */
  check(rule: Rule, key: RateKey, options?: RateCheckOptions): Promise<RateLimitResult>
  /**
   * Counts one call under several rules: under all of them or, when one refuses, under none.
   * Name the most specific first.
   */
  checkAll(checks: readonly RateCheck<Rule>[], source?: RateSource): Promise<RateLimitOutcome>
  /** Counts like {@link checkAll}, until it is known whether it should. */
  reserve(checks: readonly RateCheck<Rule>[], source?: RateSource): Promise<RateReservation>
  /** What {@link check} would say. Counts nothing and changes nothing. */
  peek(rule: Rule, key: RateKey, options?: RateCheckOptions): Promise<RateLimitResult>
  /**
   * Forgets what was counted for a key and lifts its block, as after a success. Does not throw when
   * the store cannot answer.
   */
  reset(rule: Rule, key: RateKey): Promise<void>
  /** How the store and events name a key: a keyed digest of 22 characters. */
  idOf(key: RateKey): string
}

const known = [
  'store',
  'local',
  'instances',
  'secret',
  'rules',
  'events',
] as const satisfies readonly (keyof RateLimiterOptions)[]

/**
 * Makes a {@link RateLimiter}.
 *
 * While the store cannot answer, each rule's `onError` decides, and results say `degraded`.
 *
 * @throws {ConfigError} naming the setting that is wrong.
 * @example
 * const limiter = createRateLimiter({ store, local, secret })
 * const { allowed, retryAfterMs } = await limiter.check('api_call', userId)
 */
export function createRateLimiter<Rule extends string = never>(
  options: RateLimiterOptions<Rule>,
): RateLimiter<Rule | DefaultRuleName> {
  refuseUnknown('rateLimit', options, known)
  const { store, local, events } = options
  const { rules, shares } = resolveRules(options)
  const idOf = createRateIds(options.secret)
  const fallback = createFallback({ local, shares })
  let isDegraded = false

  function checkOf({ rule, key, cost = 1 }: RateCheck): CounterCheck {
    return {
      rule: findRule(rules, rule),
      id: idOf(key),
      cost: requireInteger('cost', cost, { min: 0 }),
    }
  }

  function noteFailure(error: StoreError): void {
    if (!isDegraded) events?.emit({ type: 'rate_limit_degraded', reason: error.code })
    isDegraded = true
  }

  async function decide(
    checks: readonly CounterCheck[],
    mode: ConsumeMode | 'peek',
  ): Promise<readonly Judgement[]> {
    try {
      const verdicts = await (mode === 'peek' ? store.peek(checks) : store.consume(checks, mode))
      isDegraded = false
      return verdicts.map(verdict => judge(verdict, store))
    } catch (error) {
      if (!(error instanceof StoreError)) throw error
      noteFailure(error)
      return fallback.judge(checks, mode, error)
    }
  }

  function consume(
    given: readonly RateCheck[],
    mode: ConsumeMode,
    source: RateSource,
  ): Promise<readonly Judgement[]> {
    const checks = given.map(checkOf)
    refuseTwins(checks)
    return decide(checks, mode).then(judgements => {
      for (const judgement of judgements) emitJudgement(events, judgement, source)
      return judgements
    })
  }

  return {
    rules,
    idOf,

    async check(rule, key, { cost, source = {} } = {}) {
      return only(await consume([{ rule, key, cost }], 'charge', source))
    },

    async checkAll(checks, source = {}) {
      const judgements = await consume(checks, 'charge', source)
      return combineResults(judgements.map(judgement => judgement.result))
    },

    async reserve(checks, source = {}) {
      const judgements = await consume(checks, 'reserve', source)
      return createReservation(judgements, { events, source, onError: noteFailure })
    },

    async peek(rule, key, { cost } = {}) {
      return only(await decide([checkOf({ rule, key, cost })], 'peek'))
    },

    async reset(rule, key) {
      const target = { rule: findRule(rules, rule), id: idOf(key) }
      const share = { rule: findRule(shares, rule), id: target.id }
      await local?.unblock(share)
      try {
        await store.unblock(target)
      } catch (error) {
        if (!(error instanceof StoreError)) throw error
        noteFailure(error)
      }
    },

    ...createRateBlocks({
      store,
      events,
      targetOf: (rule, key) => ({ rule: findRule(rules, rule), id: idOf(key) }),
    }),
  }
}

interface ResolvedRules {
  readonly rules: ReadonlyMap<string, LimitRule>
  readonly shares: ReadonlyMap<string, LimitRule>
}

function resolveRules(options: RateLimiterOptions<string>): ResolvedRules {
  const instances = requireInteger('rateLimit.instances', options.instances ?? 1, { min: 1 })
  const given = Object.entries<LimitRuleOptions>({ ...defaultRules, ...options.rules })
  const rules = new Map(given.map(([name, rule]) => [name, resolveRule(name, rule)]))
  const shares = new Map(
    given.map(([name, rule]) => [name, resolveRule(name, shareRule(rule, instances))]),
  )
  const isLocal = [...rules.values()].find(rule => rule.onError === 'local')
  if (isLocal !== undefined && options.local === undefined) {
    const message = `\`rateLimit.local\` is missing, and \`rules.${isLocal.name}.onError\` is 'local'. Give counters in memory, or another \`onError\`.`
    throw new ConfigError('ERR_OPTION_INVALID', message)
  }
  return { rules, shares }
}

function findRule(rules: ReadonlyMap<string, LimitRule>, name: string): LimitRule {
  const rule = rules.get(name)
  if (rule !== undefined) return rule
  const message = `There is no rule ${describeValue(name)}. Add it to \`rateLimit.rules\`.`
  throw new ConfigError('ERR_OPTION_UNKNOWN', message)
}

/** Both would be judged by the same count, and pass together where only one may. */
function refuseTwins(checks: readonly CounterCheck[]): void {
  if (checks.length === 1) return
  const names = new Set(checks.map(({ rule, id }) => `${rule.name} ${id}`))
  if (names.size === checks.length) return
  const message = 'One call checks the same rule and key twice. Use `cost` instead.'
  throw new ConfigError('ERR_OPTION_INVALID', message)
}

function only(judgements: readonly Judgement[]): RateLimitResult {
  const [first] = judgements
  if (first === undefined) throw new TypeError('The store did not answer the check.')
  return first.result
}
