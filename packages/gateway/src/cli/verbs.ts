import type { Verb } from './verb.ts'

/** Every verb, loaded when it is used: a new one is a file and a line here. */
export const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  gateway: async () => (await import('./commands/gateway.ts')).gateway,
  check: async () => (await import('./commands/check.ts')).check,
}
