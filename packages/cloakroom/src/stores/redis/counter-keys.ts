import type { CounterTarget } from '../../protection/counter-store.ts'

/**
 * The key names of counters. All keys of one target carry it in braces, so that a Redis Cluster
 * keeps them together.
 */
export interface CounterKeys {
  counter(target: CounterTarget): string
  block(target: CounterTarget): string
  /** How many blocks are remembered. */
  level(target: CounterTarget): string
  violations(target: CounterTarget): string
  /** All blocks: sorted set of targets by the time they end. */
  blocks(): string
  /** How a target is named in the list of blocks. */
  nameOf(target: CounterTarget): string
  /** The target of a name, or null when it is none. */
  targetOf(name: string): CounterTarget | null
  /** Several keys of a target, by the letter that each ends in. */
  list(target: CounterTarget, letters: readonly string[]): string[]
}

/** Makes {@link CounterKeys}. @param prefix as of all other keys. */
export function createCounterKeys(prefix: string): CounterKeys {
  const startOf = (target: CounterTarget): string => `${prefix}rl:{${nameOf(target)}}:`
  return {
    counter: target => `${startOf(target)}c`,
    block: target => `${startOf(target)}b`,
    level: target => `${startOf(target)}l`,
    violations: target => `${startOf(target)}v`,
    blocks: () => `${prefix}rl:blocks`,
    nameOf,
    list(target, letters) {
      const start = startOf(target)
      return letters.map(letter => start + letter)
    },
    targetOf(name) {
      const [, rule, version, id] = /^([\w-]+)\.([\w-]+)\.([\w-]+)$/.exec(name) ?? []
      if (rule === undefined || version === undefined || id === undefined) return null
      return { rule: { name: rule, version }, id }
    },
  }
}

function nameOf({ rule, id }: CounterTarget): string {
  return `${rule.name}.${rule.version}.${id}`
}
