import { describeSessions } from '../../sessions/manager.contract.ts'
import { createMemorySessions } from './sessions.ts'

describeSessions({
  name: 'memory',
  open: async () => ({
    createStore: async clock => createMemorySessions({ clock }),
    close: async () => undefined,
  }),
})
