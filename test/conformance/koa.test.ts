import { koaFrameworks } from './frameworks/koa.ts'
import { describeConformance } from './suite.ts'

for (const framework of koaFrameworks) describeConformance(framework)
