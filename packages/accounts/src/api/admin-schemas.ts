import { z } from 'zod'
import type {
  Activity,
  AuditFilter,
  AuditLogPage,
  BlockPage,
  FoundBlock,
  FoundSession,
  Health,
  KeyList,
  KeyUse,
  LogEntry,
  LogEvent,
  Overview,
  OverviewMinute,
  Person,
  RedisState,
  SessionPage,
} from '../wire/admin-calls.ts'
import { instant, object, type Schema, type Shape, text } from './schema.ts'

const count = z.int().min(0)
const textOrNull = z.string().nullable()
const numberOrNull = z.number().nullable()
const cursor = textOrNull

const activity: Shape<Activity> = {
  begun: count,
  ended: count,
  signIns: count,
  failures: count,
  limits: count,
}

const minute = object<OverviewMinute>({ at: instant, sessions: count.nullable(), ...activity })

export const overview: Schema<Overview> = object<Overview>({
  sessions: count.nullable(),
  countedAt: instant.nullable(),
  soFar: count.nullable(),
  totals: object<Activity>(activity),
  minutes: z.array(minute),
})

export const person: Schema<Person> = object<Person>({
  id: z.string(),
  email: z.string(),
  name: z.string(),
})

export const foundSession: Schema<FoundSession> = object<FoundSession>({
  id: z.string(),
  userId: textOrNull,
  role: textOrNull,
  device: textOrNull,
  ip: textOrNull,
  createdAt: instant,
  seenAt: instant,
  expiresAt: instant,
  isCurrent: z.boolean(),
  canEnd: z.boolean(),
  account: person.nullable(),
})

export const sessionPage: Schema<SessionPage> = object<SessionPage>({
  sessions: z.array(foundSession),
  cursor,
})

export const foundBlock: Schema<FoundBlock> = object<FoundBlock>({
  rule: z.string(),
  version: z.string(),
  id: z.string(),
  endsAt: instant.nullable(),
  reason: z.string(),
  level: count,
  subject: textOrNull,
})

export const blockPage: Schema<BlockPage> = object<BlockPage>({
  blocks: z.array(foundBlock),
  cursor,
  rules: z.array(z.string()),
})

/** What entries of the log can be looked for by. */
export const auditFilter: Shape<AuditFilter> = {
  type: text.optional(),
  userId: text.optional(),
  actorId: text.optional(),
  sessionId: text.optional(),
  ip: text.optional(),
  from: instant.optional(),
  until: instant.optional(),
}

const logEvent = object<LogEvent>({
  type: z.string(),
  at: instant,
  userId: textOrNull,
  actorId: textOrNull,
  sessionId: textOrNull,
  ip: textOrNull,
  userAgent: textOrNull,
  reason: textOrNull,
  details: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
})

export const logEntry: Schema<LogEntry> = object<LogEntry>({
  sequence: count,
  event: logEvent.nullable(),
})

export const auditLogPage: Schema<AuditLogPage> = object<AuditLogPage>({
  entries: z.array(logEntry),
  cursor,
  people: z.array(person),
})

const keyUse = object<KeyUse>({
  id: z.string(),
  state: z.enum(['newest', 'older', 'missing']),
  sessions: count.nullable(),
})

export const keyList: Schema<KeyList> = object<KeyList>({
  keys: z.array(keyUse),
  countedAt: instant.nullable(),
  soFar: count.nullable(),
})

const redisState = object<RedisState>({
  ok: z.boolean(),
  latencyMs: z.number(),
  version: textOrNull,
  role: textOrNull,
  persistence: textOrNull,
  usedMemoryBytes: numberOrNull,
  maxMemoryBytes: numberOrNull,
  evictedKeys: numberOrNull,
  clockSkewMs: numberOrNull,
  warnings: z.array(z.string()),
})

export const health: Schema<Health> = object<Health>({
  storage: z.string(),
  redis: redisState.nullable(),
  listenerFailures: count,
})
