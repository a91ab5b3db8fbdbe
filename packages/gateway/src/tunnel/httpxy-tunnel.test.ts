import { createTunnel } from './httpxy-tunnel.ts'
import { describeTunnel } from './tunnel.contract.ts'

describeTunnel('createTunnel', createTunnel)
