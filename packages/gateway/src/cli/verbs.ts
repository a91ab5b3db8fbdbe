import type { Verb } from './verb.ts'

/** Every verb, loaded when it is used: a new one is a file and a line here. */
export const verbs: Readonly<Record<string, () => Promise<Verb>>> = {
  gateway: async () => (await import('./commands/gateway.ts')).gateway,
  init: async () => (await import('./commands/init.ts')).init,
  check: async () => (await import('./commands/check.ts')).check,
  explain: async () => (await import('./commands/explain.ts')).explain,
  snippet: async () => (await import('./commands/snippet.ts')).snippet,
  doctor: async () => (await import('./commands/doctor.ts')).doctor,
  keys: async () => (await import('./commands/keys.ts')).keys,
  sessions: async () => (await import('./commands/sessions.ts')).sessions,
  limits: async () => (await import('./commands/limits.ts')).limits,
  audit: async () => (await import('./commands/audit.ts')).audit,
  users: async () => (await import('./commands/users.ts')).users,
}
