import { type DurationBounds, parseDuration } from 'cloakroom/kit'
import type { Visit } from '../account/ports.ts'
import type { AuthorizationRefusal } from '../flows/authorization.ts'
import { type Refusal, refuse, type Success } from '../flows/outcome.ts'
import type { DatedEvent } from './audit-log-store.ts'
import { type BlockKey, blockableRules, blockKeyOf, pairKeysOf } from './block-keys.ts'
import type { AdminParts } from './parts.ts'

/** A block as the console shows it. */
export interface AdminBlock {
  readonly rule: string
  /** Version of the rule and digest of the key: for {@link LimitDesk.unblock}. */
  readonly version: string
  readonly id: string
  /** Null for good. */
  readonly endsAt: number | null
  /** `'limit'` when the rule did it, otherwise what an operator wrote. */
  readonly reason: string
  /** How many blocks before it are remembered. */
  readonly level: number
  /** Whom it hit, when the log of events still tells; the store itself holds a digest only. */
  readonly subject: string | null
}

/** A page of blocks, in no order. It may be empty and have a cursor all the same. */
export interface AdminBlockPage {
  readonly blocks: readonly AdminBlock[]
  readonly cursor: string | null
}

/** How somebody is blocked by hand. */
export interface BlockInput {
  /** One of {@link LimitDesk.blockableRules}. */
  readonly rule: string
  /** An address, an e-mail address or, under the application's own rules, the key itself. */
  readonly subject: string
  /** Milliseconds, or null for good. */
  readonly durationMs: number | null
  /** Shown with the block. */
  readonly reason: string
}

/** What the console does about rate limits. */
export interface LimitDesk {
  listBlocks(
    query: { readonly cursor?: string | null },
    visit: Visit,
  ): Promise<Success<AdminBlockPage> | AuthorizationRefusal>
  /** Every block of an address or account, under whatever rule, found without searching through all. */
  findBlocks(
    query: { readonly subject: string },
    visit: Visit,
  ): Promise<Success<AdminBlockPage> | AuthorizationRefusal>
  /** The rules under which something can be blocked by hand. */
  blockableRules(): readonly string[]
  block(
    input: BlockInput,
    visit: Visit,
  ): Promise<Success | AuthorizationRefusal | Refusal<'rule' | 'subject' | 'reason' | 'duration'>>
  /** Lifts a block and forgets what was counted. */
  unblock(
    block: Pick<AdminBlock, 'rule' | 'version' | 'id'>,
    visit: Visit,
  ): Promise<Success | AuthorizationRefusal | Refusal<'gone'>>
}

const pageSize = 50

/** How far back the log is searched for whom a block hit. */
const rememberedBlocks = 500
const longestReason = 200
const bounds: DurationBounds = { min: 1000, max: 10 * 365 * 86_400_000 }

/** Makes a {@link LimitDesk}. */
export function createLimitDesk(parts: AdminParts): LimitDesk {
  const { engine, flows } = parts
  const { limiter, clock } = engine

  return {
    blockableRules: () => blockableRules(parts),

    async listBlocks({ cursor = null }, visit) {
      const allowed = await flows.authorize({ permission: 'limits:read' }, visit)
      if (!allowed.ok) return allowed
      const page = await limiter.listBlocks({ cursor, count: pageSize })
      const starts = page.blocks.length === 0 ? new Map() : await readStarts(parts)
      return {
        ok: true,
        blocks: page.blocks.map(row => describe(row, starts)),
        cursor: page.cursor,
      }
    },

    async findBlocks({ subject }, visit) {
      const allowed = await flows.authorize({ permission: 'limits:read' }, visit)
      if (!allowed.ok) return allowed
      const [byRule, pairs] = await Promise.all([
        Promise.all(blockableRules(parts).map(rule => blockKeyOf(parts, rule, subject))),
        pairKeysOf(parts, subject),
      ])
      const targets = [...pairs, ...byRule].filter(target => target !== null)
      const found = await Promise.all(targets.map(findBlock))
      const rows = found.flat()
      const starts = rows.length === 0 ? new Map() : await readStarts(parts)
      return { ok: true, blocks: rows.map(row => describe(row, starts)), cursor: null }
    },

    async block({ rule, subject, durationMs, reason: typed }, visit) {
      const demand = { permission: 'limits:change', isRecent: true } as const
      const allowed = await flows.authorize(demand, visit)
      if (!allowed.ok) return allowed
      if (!blockableRules(parts).includes(rule)) return refuse('rule')
      const reason = typed.trim().slice(0, longestReason)
      // That word says that a rule did it.
      if (reason === '' || reason === 'limit') return refuse('reason')
      if (durationMs !== null && !isDuration(durationMs)) return refuse('duration')
      const target = await blockKeyOf(parts, rule, subject)
      if (target === null) return refuse('subject')
      const duration = durationMs === null ? {} : { duration: durationMs }
      const by = { source: visit.source, actorId: allowed.actor.id }
      const about = { reason, subject: subject.trim(), ...by }
      await target.limiter.block(rule, target.key, { ...duration, ...about })
      return { ok: true }
    },

    async unblock({ rule, version, id }, visit) {
      const allowed = await flows.authorize({ permission: 'limits:change' }, visit)
      if (!allowed.ok) return allowed
      // They become part of the name of a key.
      if (![rule, version, id].every(part => /^[\w-]{1,100}$/.test(part))) return refuse('gone')
      const by = { source: visit.source, actorId: allowed.actor.id }
      const isLifted = await limiter.unblockListed({ rule: { name: rule, version }, id }, by)
      return isLifted ? { ok: true } : refuse('gone')
    },
  }

  async function findBlock({ limiter, rule, key }: BlockKey): Promise<readonly ListedBlock[]> {
    const block = await limiter.findBlock(rule, key)
    const version = limiter.rules.get(rule)?.version ?? ''
    return block === null
      ? []
      : [{ ...block, rule: { name: rule, version }, id: limiter.idOf(key) }]
  }

  function describe(
    { rule, id, endsAfterMs, reason, level }: ListedBlock,
    starts: ReadonlyMap<string, DatedEvent>,
  ): AdminBlock {
    const start = starts.get(`${rule.name} ${id}`)
    return {
      rule: rule.name,
      version: rule.version,
      id,
      endsAt: endsAfterMs === null ? null : clock.now() + endsAfterMs,
      reason,
      level,
      subject: start === undefined ? null : subjectOf(start),
    }
  }
}

type ListedBlock = Awaited<
  ReturnType<AdminParts['engine']['limiter']['listBlocks']>
>['blocks'][number]

/** The events with which the latest blocks began, by rule and digest of the key. */
async function readStarts({ auditLog }: AdminParts): Promise<ReadonlyMap<string, DatedEvent>> {
  const types = ['rate_limit_blocked'] as const
  const { entries } = await auditLog.read({ types, limit: rememberedBlocks })
  const named = entries.flatMap(({ event }): [string, DatedEvent][] =>
    event === null ? [] : [[`${event.details?.['rule']} ${event.details?.['key']}`, event]],
  )
  // The newest comes first, and is to win.
  return new Map(named.toReversed())
}

/** What an operator typed, whose own address is in the event of a block by hand; or who was refused. */
function subjectOf({ ip, userId, actorId, details }: DatedEvent): string | null {
  const typed = details?.['subject']
  if (typed !== undefined) return String(typed)
  return actorId === undefined ? (ip ?? userId ?? null) : null
}

function isDuration(ms: number): boolean {
  try {
    return Number.isFinite(parseDuration(ms, 'duration', bounds))
  } catch {
    return false
  }
}
