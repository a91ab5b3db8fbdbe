import { describeAuditTrail } from '../../audit/trail.contract.ts'
import { createMemoryAudit } from './audit.ts'

describeAuditTrail({
  name: 'memory',
  open: async () => ({
    createStore: clock => createMemoryAudit({ clock }),
    close: async () => undefined,
  }),
})
