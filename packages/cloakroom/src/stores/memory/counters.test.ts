import { describeArithmetic } from '../../protection/counter-arithmetic.contract.ts'
import { describeCounters } from '../../protection/counters.contract.ts'
import { createMemoryCounters } from './counters.ts'

describeArithmetic({
  name: 'memory',
  cases: 100_000,
  windowsMs: [1, 7, 300, 60_000, 86_400_000],
  skipUs: 0,
  open: async () => ({
    createStore: clock => createMemoryCounters({ clock, maxKeys: 1_000_000 }),
    close: async () => undefined,
  }),
})

describeCounters({
  name: 'memory',
  open: async () => ({
    createStore: clock => createMemoryCounters({ clock }),
    close: async () => undefined,
  }),
})
