import { honoFramework } from './frameworks/hono.ts'
import { describeConformance } from './suite.ts'

describeConformance(honoFramework)
