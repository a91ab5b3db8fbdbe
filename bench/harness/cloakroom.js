// Cloakroom as an application would set it up. Among the arguments, `near` switches the near cache on,
// and `unadorned` the security headers off, which its peers do not send.
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
    ...(process.argv.includes('unadorned') && { headers: { preset: 'off' } }),
    audit: false,
    // A busy machine makes it slow, and should not make it fail.
    redisGuard: { deadline: '30s' },
    // As on a laptop, since there is no https here: the cookie does without `Secure`.
    production: false,
    ...options,
  })
}
