// Cloakroom as an application would set it up; `near` among the arguments switches the near cache on.
import { createCloakroom } from 'cloakroom'
import { cookieSecret, openRedis, secret } from './server.js'

export async function openCloakroom(options = {}) {
  return createCloakroom({
    redis: await openRedis(),
    secret,
    cookieSecret,
    // Servers share a Redis and its users, who may have five sessions each.
    prefix: `${process.pid}:`,
    nearCache: process.argv.includes('near'),
    audit: false,
    // A busy machine makes it slow, and should not make it fail.
    redisGuard: { deadline: '30s' },
    // As on a laptop, since there is no https here: the cookie does without `Secure`.
    production: false,
    ...options,
  })
}
