import { fetchFramework } from './frameworks/fetch.ts'
import { describeConformance } from './suite.ts'

describeConformance(fetchFramework)
