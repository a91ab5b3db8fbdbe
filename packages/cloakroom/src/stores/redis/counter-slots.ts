import type {
  Charge,
  ConsumeMode,
  CounterCheck,
  CounterVerdict,
} from '../../protection/counter-store.ts'
import { isCrossSlot } from './reply-error.ts'

/** The steps that a {@link SlotGuard} puts together. */
export interface CounterSteps {
  judge(
    checks: readonly CounterCheck[],
    mode: ConsumeMode | 'peek',
  ): Promise<readonly CounterVerdict[]>
  commit(charges: readonly Charge[]): Promise<readonly number[]>
  refund(charges: readonly Charge[]): Promise<readonly []>
}

/** Asks for several things in one script, or one by one once the server has said that it must be so. */
export interface SlotGuard {
  /** For steps that do not depend on each other. */
  spread<Item, Answer>(
    items: readonly Item[],
    step: (items: readonly Item[]) => Promise<readonly Answer[]>,
  ): Promise<readonly Answer[]>
  /** Charges all or none. */
  consume(
    checks: readonly CounterCheck[],
    mode: ConsumeMode,
    steps: CounterSteps,
  ): Promise<readonly CounterVerdict[]>
}

/** Makes a {@link SlotGuard}. */
export function createSlotGuard(): SlotGuard {
  let canSpan = true

  /** Null when the server keeps the keys in different slots. It has then done nothing. */
  async function attempt<Answer>(ask: () => Promise<Answer>): Promise<Answer | null> {
    if (!canSpan) return null
    try {
      return await ask()
    } catch (error) {
      if (!isCrossSlot(error)) throw error
      canSpan = false
      return null
    }
  }

  return {
    async spread(items, step) {
      const together = await attempt(() => step(items))
      if (together !== null) return together
      return (await Promise.all(items.map(item => step([item])))).flat()
    },
    consume(checks, mode, steps) {
      if (checks.length === 1) return steps.judge(checks, mode)
      return attempt(() => steps.judge(checks, mode)).then(
        together => together ?? consumeInTurn(checks, mode, steps),
      )
    },
  }
}

/**
 * Reserves one after the other, the most specific first, and gives all back when one is refused.
 * Between the steps others may see units used that are given back a moment later.
 */
async function consumeInTurn(
  checks: readonly CounterCheck[],
  mode: ConsumeMode,
  steps: CounterSteps,
): Promise<readonly CounterVerdict[]> {
  const { judge, commit } = steps
  const verdicts: CounterVerdict[] = []
  for (const [index, check] of checks.entries()) {
    try {
      verdicts.push(...(await judge([check], 'reserve')))
    } catch (error) {
      await giveBack(verdicts, steps).catch(() => undefined)
      throw error
    }
    if (!verdicts.some(isRefusal)) continue
    const [tried, untried] = await Promise.all([
      giveBack(verdicts, steps),
      Promise.all(checks.slice(index + 1).map(other => judgeUntried(other, steps))),
    ])
    return [...tried, ...untried.flat()]
  }
  if (mode === 'reserve') return verdicts
  return Promise.all(verdicts.map(verdict => blockAtLimit(verdict, commit)))
}

/** Gives back what was charged, and looks again at what is left. */
async function giveBack(
  verdicts: readonly CounterVerdict[],
  { judge, refund }: CounterSteps,
): Promise<readonly CounterVerdict[]> {
  const looks = verdicts.map(async verdict => {
    if (verdict.charge === null) return [verdict]
    await refund([verdict.charge])
    return judge([verdict.check], 'peek')
  })
  return (await Promise.all(looks)).flat()
}

/** A rule that would refuse too is told so, since it may block for it. */
async function judgeUntried(
  check: CounterCheck,
  steps: CounterSteps,
): Promise<readonly CounterVerdict[]> {
  const seen = await steps.judge([check], 'peek')
  if (!seen.some(isRefusal)) return seen
  return giveBack(await steps.judge([check], 'reserve'), steps)
}

function isRefusal({ check, retryAfterMs }: CounterVerdict): boolean {
  return retryAfterMs !== 0 && !check.rule.isShadow
}

/** What a script does in mode 'charge': it blocks when a charge uses up the limit. */
async function blockAtLimit(
  verdict: CounterVerdict,
  commit: CounterSteps['commit'],
): Promise<CounterVerdict> {
  const { charge, remaining } = verdict
  if (charge === null || remaining > 0 || charge.rule.block?.at !== 'limit') return verdict
  const [blockedForMs = 0] = await commit([charge])
  if (blockedForMs === 0) return verdict
  return { ...verdict, blockedForMs, resetAfterMs: blockedForMs, isBlockStart: true }
}
