import type { Visit } from '../account/ports.ts'
import type { AuthorizationRefusal } from '../flows/authorization.ts'
import type { Success } from '../flows/outcome.ts'
import type { ActivityKind, ActivityMinute } from './activity.ts'
import type { AdminParts } from './parts.ts'

/** One minute of the overview. */
export interface OverviewMinute extends ActivityMinute {
  /** Sessions at its end, as reckoned back from the last count; null before the first. */
  readonly sessions: number | null
}

/** What goes on. */
export interface AdminOverview {
  /** Living sessions by the last count that was finished; null before the first. */
  readonly sessions: number | null
  readonly countedAt: number | null
  /** How many sessions the count under way has met; null while it rests. */
  readonly soFar: number | null
  /** Whether what is counted by the minute is of all workers: where there is an audit trail. */
  readonly isOfAll: boolean
  /** The last hour, the oldest minute first, the current one last. */
  readonly minutes: readonly OverviewMinute[]
  /** Sums of these minutes. */
  readonly totals: Readonly<Record<ActivityKind, number>>
}

/** What the console shows first. */
export interface OverviewDesk {
  /** Counts a part of the sessions with each call. */
  overview(visit: Visit): Promise<Success<AdminOverview> | AuthorizationRefusal>
}

/** Makes an {@link OverviewDesk}. */
export function createOverviewDesk({ flows, census, activity, trail }: AdminParts): OverviewDesk {
  return {
    async overview(visit) {
      const allowed = await flows.authorize({ permission: 'sessions:read' }, visit)
      if (!allowed.ok) return allowed
      const [{ last, soFar }] = await Promise.all([census.step(), trail?.catchUp()])
      const minutes = activity.lastHour()
      return {
        ok: true,
        sessions: last?.total ?? null,
        countedAt: last?.finishedAt ?? null,
        soFar,
        isOfAll: trail !== null,
        minutes: reckonBack(minutes, last?.total ?? null),
        totals: {
          begun: sum(minutes, 'begun'),
          ended: sum(minutes, 'ended'),
          signIns: sum(minutes, 'signIns'),
          failures: sum(minutes, 'failures'),
          limits: sum(minutes, 'limits'),
        },
      }
    },
  }
}

/** Sessions that ran out unnoticed are missing in this, and the past looks a little too small. */
function reckonBack(
  minutes: readonly ActivityMinute[],
  total: number | null,
): readonly OverviewMinute[] {
  let sessions = total
  const backwards = minutes.toReversed().map(minute => {
    const reckoned = { ...minute, sessions }
    if (sessions !== null) sessions = Math.max(0, sessions - minute.begun + minute.ended)
    return reckoned
  })
  return backwards.toReversed()
}

function sum(minutes: readonly ActivityMinute[], kind: ActivityKind): number {
  return minutes.reduce((total, minute) => total + minute[kind], 0)
}
