import { afterAll, beforeAll, beforeEach, describe } from 'vitest'
import { describeAccounts, describeLastAdmin } from './accounts.contract.ts'
import type { FactorStore } from './factor-store.ts'
import { describeFactors } from './factors.contract.ts'
import { describeImpersonations, describeTokens } from './grants.contract.ts'
import { describeIdentities } from './identities.contract.ts'
import type { IdentityStore } from './identity-store.ts'
import type { ImpersonationStore } from './impersonation-store.ts'
import { describeList } from './list.contract.ts'
import type { AccountStore } from './store.ts'
import type { TokenStore } from './token-store.ts'

/** The stores of one kind, empty. */
export interface TestStores {
  readonly accounts: AccountStore
  readonly tokens: TokenStore
  readonly impersonations: ImpersonationStore
  readonly identities: IdentityStore
  readonly factors: FactorStore
}

/** A kind of stores. `empty` gives them without what a test before has left. */
export interface StoreKind {
  readonly name: string
  open(): Promise<{ empty(): Promise<TestStores>; close(): Promise<void> }>
}

/** Runs the suite of behaviour on one kind of stores. */
export function describeStores(kind: StoreKind): void {
  describe(`stores (${kind.name})`, () => {
    let opened: Awaited<ReturnType<StoreKind['open']>>
    let stores: TestStores

    beforeAll(async () => {
      opened = await kind.open()
    })
    beforeEach(async () => {
      stores = await opened.empty()
    })
    afterAll(() => opened?.close())

    describeAccounts(() => stores.accounts)
    describeLastAdmin(() => stores.accounts)
    describeList(() => stores.accounts)
    describeTokens(() => stores.tokens)
    describeImpersonations(() => stores.impersonations)
    describeIdentities(() => stores.identities)
    describeFactors(() => stores.factors)
  })
}
