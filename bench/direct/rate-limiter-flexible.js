// node direct/rate-limiter-flexible.js redis|ioredis
import { RateLimiterRedis } from 'rate-limiter-flexible'
import { answerRounds, openClient, sessionCount } from '../harness/direct.js'

const [clientName] = process.argv.slice(2)
const limiter = new RateLimiterRedis({
  storeClient: await openClient(clientName),
  useRedisPackage: clientName === 'redis',
  points: 1e9,
  duration: 60,
})

answerRounds(number => limiter.consume(`user-${number % sessionCount}`))
