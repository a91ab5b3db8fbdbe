import { type Account, type AccountView, viewOf } from '../account/account.ts'
import type { Ending, Visit } from '../account/ports.ts'
import type { TargetInput } from './administration.ts'
import { type AuthorizationRefusal, authorize, authorizeOn } from './authorization.ts'
import { writeMail } from './letters.ts'
import type { OperatorTarget } from './operator.ts'
import { type Refusal, refuse, type Success, type Unsupported } from './outcome.ts'
import { endEverywhere, type FlowParts } from './parts.ts'
import { type SecondFactorView, viewFactor } from './second-factor.ts'

/**
 * Second factors of others. Whoever lost device and recovery codes proves who they are to a person;
 * afterwards the password alone signs in, or leads to a new second factor where the role demands one.
 */
export interface FactorResetFlows {
  findSecondFactorOf(
    input: TargetInput,
    visit: Visit,
  ): Promise<Success<SecondFactorView> | AuthorizationRefusal | Refusal<'gone'> | Unsupported>
  /** Takes the second factor of somebody else away, ends their sessions and tells them. */
  resetSecondFactor(
    input: TargetInput,
    visit: Visit,
  ): Promise<Success | AuthorizationRefusal | Refusal<'gone'> | Unsupported>
  /** The same from the command line, for the last administrator as well. */
  resetSecondFactorAsOperator(
    input: OperatorTarget,
  ): Promise<Success<{ readonly account: AccountView }> | Refusal<'gone'> | Unsupported>
}

/** Makes {@link FactorResetFlows}. */
export function createFactorResetFlows(parts: FlowParts): FactorResetFlows {
  const { store, factors, events, outbox } = parts

  return {
    async findSecondFactorOf({ accountId }, visit) {
      if (factors === undefined) return refuse('unsupported')
      const allowed = await authorize(parts, visit, { permission: 'accounts:read' })
      if (!allowed.ok) return allowed
      const account = await store.findById(accountId)
      return account === null ? refuse('gone') : { ok: true, ...(await viewFactor(parts, account)) }
    },

    async resetSecondFactor({ accountId }, visit) {
      if (factors === undefined) return refuse('unsupported')
      const demand = { permission: 'accounts:change', accountId, isRecent: true } as const
      const allowed = await authorizeOn(parts, visit, demand)
      if (!allowed.ok) return allowed
      const { actor, account } = allowed
      // A stolen session and the password would do: one's own is turned off by a code.
      if (actor.id === account.id) return refuse('forbidden')
      return reset(account, { source: visit.source, actorId: actor.id })
    },

    async resetSecondFactorAsOperator({ login: typed }) {
      if (factors === undefined) return refuse('unsupported')
      const login = store.loginOf(typed)
      const account = login === null ? null : await store.findByLogin(login)
      if (account === null) return refuse('gone')
      const done = await reset(account, { source: {}, actorId: 'operator' })
      return done.ok ? { ok: true, account: viewOf(account) } : done
    },
  }

  async function reset(
    account: Account,
    by: Pick<Ending, 'source'> & { readonly actorId: string },
  ): Promise<Success | Refusal<'gone'>> {
    if ((await factors?.forget(account.id)) !== true) return refuse('gone')
    const reason = 'second-factor-reset'
    await endEverywhere(parts, account, { ...by, reason })
    const { source, actorId } = by
    const about = { userId: account.id, actorId, reason: 'reset' }
    events.emit({ type: 'second_factor_removed', ...source, ...about })
    outbox.post(async () => [writeMail(parts, 'secondFactorRemoved', { to: account })])
    return { ok: true }
  }
}
