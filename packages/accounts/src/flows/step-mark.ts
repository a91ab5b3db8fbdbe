import type { Account } from '../account/account.ts'
import type { FlowParts } from './parts.ts'

type MarkParts = Pick<FlowParts, 'factors' | 'lockers'>

/** Changes whenever an account's sessions are ended; a sign-in that is half done goes by it. */
export async function stepMark(
  { lockers }: MarkParts,
  account: Pick<Account, 'id'>,
): Promise<string | null> {
  const found = await lockers.locker(markOf(account)).get('mark')
  return found?.version ?? null
}

/** Has no sign-in to an account go on whose second step is still missing. */
export async function endSteps(
  { factors, lockers }: MarkParts,
  account: Pick<Account, 'id'>,
): Promise<void> {
  if (factors !== undefined) await lockers.locker(markOf(account)).set('mark', true)
}

/** Not the user's own locker, which programs behind the gateway may fill. */
function markOf({ id }: Pick<Account, 'id'>) {
  return { name: `sign-in steps of ${id}`, keepFor: '1d' } as const
}
