import { fastifyFramework } from './frameworks/fastify.ts'
import { describeConformance } from './suite.ts'

describeConformance(fastifyFramework)
