import { z } from 'zod'
import type { AdminBlock } from '../admin/limits.ts'
import type { AdminSession } from '../admin/sessions.ts'
import type {
  AdminCalls,
  BlockSearch,
  FoundBlock,
  FoundSession,
  NewBlock,
  OneAddress,
  OneBlock,
  Person,
  SessionSearch,
} from '../wire/admin-calls.ts'
import { blockPage, health, keyList, overview, sessionPage } from './admin-schemas.ts'
import { type ConsoleParts, done, type Routes } from './route.ts'
import { instantOf, instantOrNull, object, text } from './schema.ts'

type Keys = Exclude<keyof AdminCalls, `GET /admin/audit${string}`>

/** Sessions, limits and the system. */
export const adminRoutes: Routes<Pick<AdminCalls, Keys>, ConsoleParts> = {
  'GET /admin/overview': {
    id: 'getOverview',
    summary: 'How many sessions there are, and what the last hour was like.',
    access: 'sessions:read',
    isPassive: true,
    input: null,
    answer: overview,
    refusals: [],
    async handle({ admin, visit }) {
      const result = await admin.overview(visit)
      if (!result.ok) return result
      const { sessions, countedAt, soFar, totals, minutes } = result
      return {
        sessions,
        countedAt: instantOrNull(countedAt),
        soFar,
        totals,
        minutes: minutes.map(minute => ({ ...minute, at: instantOf(minute.at) })),
      }
    },
  },

  'GET /admin/sessions': {
    id: 'searchSessions',
    summary: 'Searches a bounded part of all sessions. Go on with the cursor until it is null.',
    access: 'sessions:read',
    input: object<SessionSearch>({
      user: text.optional(),
      address: text.optional(),
      device: text.optional(),
      cursor: text.optional(),
    }),
    answer: sessionPage,
    refusals: [],
    async handle({ admin, visit, input }) {
      const result = await admin.searchSessions(input, visit)
      if (!result.ok) return result
      return { sessions: result.sessions.map(showFound), cursor: result.cursor }
    },
  },

  'DELETE /admin/sessions/{sessionId}': {
    id: 'endFoundSession',
    summary: 'Ends one session, of a visitor or of somebody below whoever asks.',
    access: 'sessions:end',
    input: object<AdminCalls['DELETE /admin/sessions/{sessionId}']['input']>({ sessionId: text }),
    answer: null,
    refusals: ['gone'],
    async handle({ admin, visit, input }) {
      return done(await admin.endSession(input, visit))
    },
  },

  'POST /admin/addresses/end-sessions': {
    id: 'endAddress',
    summary: 'Ends all sessions that began at an address, but not at the one of whoever asks.',
    access: 'sessions:end-any',
    proof: 'recent',
    input: object<OneAddress>({ address: text }),
    answer: null,
    refusals: ['address', 'own-address'],
    async handle({ admin, visit, input }) {
      return done(await admin.endAddress(input, visit))
    },
  },

  'GET /admin/blocks': {
    id: 'listBlocks',
    summary: 'Who is blocked: all page by page, or one address or account.',
    access: 'limits:read',
    input: object<BlockSearch>({ subject: text.optional(), cursor: text.optional() }),
    answer: blockPage,
    refusals: [],
    async handle({ admin, visit, input: { subject, cursor } }) {
      const result = await (subject === undefined
        ? admin.listBlocks({ cursor: cursor ?? null }, visit)
        : admin.findBlocks({ subject }, visit))
      if (!result.ok) return result
      const rules = admin.blockableRules()
      return { blocks: result.blocks.map(showBlock), cursor: result.cursor, rules }
    },
  },

  'POST /admin/blocks': {
    id: 'block',
    summary: 'Blocks an address or account by hand.',
    access: 'limits:change',
    proof: 'recent',
    input: object<NewBlock>({
      rule: text,
      subject: text,
      seconds: z.int().nullable(),
      reason: text,
    }),
    answer: null,
    refusals: ['rule', 'subject', 'reason', 'duration'],
    async handle({ admin, visit, input: { seconds, ...block } }) {
      const durationMs = seconds === null ? null : seconds * 1000
      return done(await admin.block({ ...block, durationMs }, visit))
    },
  },

  'DELETE /admin/blocks/{rule}/{version}/{id}': {
    id: 'unblock',
    summary: 'Lifts a block and forgets what was counted.',
    access: 'limits:change',
    input: object<OneBlock>({ rule: text, version: text, id: text }),
    answer: null,
    refusals: ['gone'],
    async handle({ admin, visit, input }) {
      return done(await admin.unblock(input, visit))
    },
  },

  'GET /admin/keys': {
    id: 'listKeys',
    summary: 'The keys that seal sessions, and how many each still seals.',
    access: 'system:read',
    isPassive: true,
    input: null,
    answer: keyList,
    refusals: [],
    async handle({ admin, visit }) {
      const result = await admin.keys(visit)
      if (!result.ok) return result
      const { keys, countedAt, soFar } = result
      return { keys, countedAt: instantOrNull(countedAt), soFar }
    },
  },

  'GET /admin/health': {
    id: 'getHealth',
    summary: 'How the stores are.',
    access: 'system:read',
    isPassive: true,
    input: null,
    answer: health,
    refusals: [],
    async handle({ admin, visit }) {
      const result = await admin.health(visit)
      if (!result.ok) return result
      const { storage, redis, listenerFailures } = result
      if (redis === null) return { storage, redis, listenerFailures }
      const { maxmemoryPolicy: _policy, ...state } = redis
      return { storage, redis: state, listenerFailures }
    },
  },
}

function showFound(session: AdminSession): FoundSession {
  const { id, userId, role, device, ip, isCurrent, canEnd, account } = session
  return {
    id,
    userId,
    role,
    device,
    ip,
    createdAt: instantOf(session.createdAt),
    seenAt: instantOf(session.seenAt),
    expiresAt: instantOf(session.expiresAt),
    isCurrent,
    canEnd,
    account: account && showPerson(account),
  }
}

function showBlock({ rule, version, id, endsAt, reason, level, subject }: AdminBlock): FoundBlock {
  return { rule, version, id, endsAt: instantOrNull(endsAt), reason, level, subject }
}

/** An account as far as lists name it. */
export function showPerson({ id, email, name }: Person): Person {
  return { id, email, name }
}
