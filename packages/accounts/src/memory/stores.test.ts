import { describeStores } from '../account/store.contract.ts'
import { createMemoryAccounts } from './accounts.ts'
import { createMemoryFactors } from './factors.ts'
import { createMemoryIdentities } from './identities.ts'
import { createMemoryImpersonations } from './impersonations.ts'
import { createMemoryTokens } from './tokens.ts'

describeStores({
  name: 'memory',
  open: async () => ({
    empty: async () => ({
      accounts: createMemoryAccounts(),
      tokens: createMemoryTokens(),
      impersonations: createMemoryImpersonations(),
      identities: createMemoryIdentities(),
      factors: createMemoryFactors(),
    }),
    close: async () => undefined,
  }),
})
