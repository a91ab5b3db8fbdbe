import { nodeFramework } from './frameworks/node.ts'
import { describeConformance } from './suite.ts'

describeConformance(nodeFramework)
