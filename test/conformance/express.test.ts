import { expressFrameworks } from './frameworks/express.ts'
import { describeConformance } from './suite.ts'

for (const framework of expressFrameworks) describeConformance(framework)
