import { nextFramework } from '../conformance/frameworks/next.ts'
import { describeConformance } from '../conformance/suite.ts'

describeConformance(nextFramework)
